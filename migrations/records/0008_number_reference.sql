-- 保管庫参照: the gateway keeps the vault's reference of a person's number, and changes nothing else of a person.
-- Written by hand.
grant update (vault_ref) on records.addressee to kuramori_gateway;
