/**
 * Passwords known from leaks and from what Japanese offices use first, lower case, of the length that could be
 * chosen at all. A short list on purpose: the second factor and the lockout carry the rest (handbook 15 §3).
 */
export const LEAKED_PASSWORDS: ReadonlySet<string> = new Set(
  `
12345678 123456789 1234567890 12345678910 123123123 87654321 987654321 9876543210 0987654321 01234567
012345678 0123456789 11223344 1122334455 112233445566 121212121212 12341234 123412341234 123454321 1234qwer
1234abcd 1a2b3c4d 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2 1qaz2wsx3edc zaq12wsx zaq1zaq1 qazwsxedc qazwsx123
qwer1234 qwert123 qwert12345 qwerty12 qwerty123 qwerty1234 qwertyuiop qwertyui q1w2e3r4 q1w2e3r4t5 asdfghjk
asdfghjkl asdf1234 asdfasdf zxcvbnm1 zxcvbnm123 poiuytrewq password password1 password12 password123
password1234 password! passw0rd p@ssw0rd p@ssword p@ssw0rd1 pa55word pass1234 passpass password01 password2
password99 changeme changeme1 changeme123 letmein1 letmein123 welcome1 welcome123 welcome01 iloveyou
iloveyou1 iloveyou2 sunshine sunshine1 princess princess1 football football1 baseball baseball1 superman
superman1 batman123 trustno1 starwars starwars1 whatever whatever1 computer computer1 internet internet1
michelle michael1 jennifer jordan23 charlie1 liverpool chelsea1 arsenal1 manchester dragon123 monkey123
master123 shadow123 killer123 freedom1 hello123 hello1234 hellohello abc12345 abcd1234 abcd12345 abcdefgh
abcdefghi abcdefg1 a1b2c3d4 a12345678 a123456789 aa123456 aa12345678 aaaa1111 aaaabbbb abc123456 abcabcabc
admin123 admin1234 admin12345 administrator administrator1 root1234 rootroot toor1234 test1234 testtest
testing1 testing123 guest123 guest1234 user1234 useruser default1 secret123 secret1234 login123 access14
mustang1 corvette mercedes porsche1 ferrari1 yamaha123 suzuki123 honda123 toyota123 nissan123 sakura123
sakurasakura sakura0101 tokyo123 tokyo2020 tokyo2021 osaka123 nippon123 japan123 japan1234 nihon123 doraemon
pikachu1 pokemon1 pokemon123 naruto123 onepiece dragonball kawaii123 arigatou konnichiwa ohayou123 aishiteru
yamamoto1 takahashi watanabe1 kobayashi yoshida1 suzuki1234 tanaka123 sasaki123 matsumoto taro1234 hanako123
shiyakusho yakusho123 kuyakusho zeimuka123 shuunou123 nouzei123 zeikin123 kuramori kuramori1 kuramori123
spring2024 summer2024 autumn2024 winter2024 spring2025 summer2025 autumn2025 winter2025 spring2026
summer2026 autumn2026 winter2026 20240401 20250401 20260401 19800101 19900101 20000101 20010101 januari2025
january1 february april2026 monday123 friday123 qweasdzxc qweasd123 qwe12345 qweqweqwe zxcvbnm12 zxcvasdf
asdqwe123 asd12345 789456123 147258369 159753456 741852963 963852741 159357456 135792468 13579246810
246813579 11111111a 1111aaaa 0000aaaa 00001111 99998888 10203040 1029384756 102030405060 192837465
5201314520 woaini1314 loveyou123 lovelove lovely123 loveme123 mylove123 forever1 friends1 babygirl babygirl1
butterfly chocolate cookie123 cheese123 samsung1 samsung123 iphone123 google123 facebook facebook1 linkedin
myspace1 youtube1 minecraft minecraft1 fortnite fortnite1
`
    .trim()
    .split(/\s+/),
);
