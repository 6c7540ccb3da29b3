const ONLY_POST = 'GraphQL is asked by POST alone; a GET is answered 405';
const NO_LANDING_PAGE = 'there is no landing page, because a GET is answered 405';
const STRICTER_MEDIA_TYPE = 'a body that is not application/json is answered 415, as HTTP has it, not 400';
const OUR_WORDS = 'malformed JSON is answered 400 in our own words, with our code';
const NEVER_CACHED = 'every answer carries cache-control: no-store';

/** Cases of Apollo's integration suite that cannot apply to this gateway, each with the reason. */
const NOT_APPLICABLE: Readonly<Record<string, string>> = {
  'lockstep versioning of @apollo/server and @apollo/server-integration-testsuite':
    'no suite was published for the newest patch release of the server',
  'returns correct result for persisted query link using get request': ONLY_POST,
  'defaults to LocalDefault': NO_LANDING_PAGE,
  'can specify version for LocalDefault': NO_LANDING_PAGE,
  'can be disabled': NO_LANDING_PAGE,
  'basic GET works': NO_LANDING_PAGE,
  'basic GET works with more complex header': NO_LANDING_PAGE,
  'no landing page with application/json': NO_LANDING_PAGE,
  'no landing page with */*': NO_LANDING_PAGE,
  'needs the header': NO_LANDING_PAGE,
  'returns a string': NO_LANDING_PAGE,
  throws: NO_LANDING_PAGE,
  default: `${ONLY_POST}; the prevention of forged requests is tested on GET`,
  'csrfPrevention: {requestHeaders}': `${ONLY_POST}; the prevention of forged requests is tested on GET`,
  'csrfPrevention: false': `${ONLY_POST}; the prevention of forged requests is tested on GET`,
  'rejects the request if the method is not POST or GET': ONLY_POST,
  'throws an error if POST body is empty': STRICTER_MEDIA_TYPE,
  'throws an error if invalid content-type': STRICTER_MEDIA_TYPE,
  'throws an error if POST JSON is malformed': OUR_WORDS,
  'unknown operation name returns 400 and OPERATION_RESOLUTION_FAILURE for GET requests': ONLY_POST,
  'throws an error if GET query is missing': ONLY_POST,
  'throws an error if GET request has a non-application/json content-type': ONLY_POST,
  'throws an error if GET request has a non-preflighted non-application/json content-type': ONLY_POST,
  'throws an error if GET request has a malformed content-type': ONLY_POST,
  'allows GET requests with content-type application/json': ONLY_POST,
  'allows GET requests with content-type application/json with charset parameter': ONLY_POST,
  'can handle a basic GET request': ONLY_POST,
  'GET request with array body is not interpreted as batch': ONLY_POST,
  'can handle a basic implicit GET request': ONLY_POST,
  'throws error if trying to use mutation using GET request': ONLY_POST,
  'throws error if trying to use mutation with fragment using GET request': ONLY_POST,
  'does not accept multiple query search parameters': ONLY_POST,
  'can handle a GET request with variables': ONLY_POST,
  'runs when cache-control is disabled': NEVER_CACHED,
  'cache-control not set without any hints with if-cacheable': NEVER_CACHED,
  'returns PersistedQueryNotSupported to a GET request if PQs disabled': ONLY_POST,
  'returns PersistedQueryNotFound to a GET request': ONLY_POST,
  'errors when version is not specified': ONLY_POST,
  'errors when version is unsupported': ONLY_POST,
  'errors when hash is mismatched': ONLY_POST,
  'returns correct result using get request': ONLY_POST,
  'MAY accept application/x-www-form-urlencoded formatted GET requests': ONLY_POST,
  'MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json':
    ONLY_POST,
  'MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json':
    ONLY_POST,
};

/** The reason why a case cannot apply, if it cannot. */
export function whyNotApplicable(name: string): string | undefined {
  return Object.hasOwn(NOT_APPLICABLE, name) ? NOT_APPLICABLE[name] : undefined;
}
