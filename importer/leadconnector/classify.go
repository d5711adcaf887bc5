package leadconnector

import (
	"net/http"
	"strings"

	"relink/importer"
)

// An answer is what the table looks at.
type answer struct {
	method string
	status int
	daily0 bool // the day's quota is used up, by its header
	statement
}

// A rule gives a meaning to the answers that it matches.
type rule struct {
	low, high int               // statuses, both included
	text      string            // stands in the answer's text, lower case; "" for any
	when      func(answer) bool // nil for always
	class     importer.Class
	cause     importer.Cause // of a Rejected
	advice    string         // what it means for people and what to do
}

const (
	adviceStale   = "the access token is out of date: put a current one into the file of --token-file or --tokens, which is read again, or set RELINK_TOKEN and run again"
	adviceKind    = "the token is no valid private integration token: create or rotate it in the sub-account under Settings > Private Integrations, with the scope associations/relation.write, and store it where relink reads it"
	adviceScope   = "the token may not do this: give the private integration the scopes associations/relation.write, and for checks and undo associations/relation.readonly and associations.readonly"
	adviceAuth    = "a token of the wrong kind: relations need one of the sub-account (location) itself, not one of the agency (company), with the scope associations/relation.write"
	adviceWhere   = "the token belongs to another sub-account: check the locationId of the rows (--location) and take a token made in that sub-account, not in the agency"
	adviceVersion = "the service does not take the Version header that relink sends (" + version + "): this relink is too old, or it is a bug of relink"
	adviceRefused = "the service refuses the credential: check that the token is current, belongs to this sub-account and has the scope associations/relation.write"
	adviceEdge    = "the request was stopped before it reached the service, which has nothing to do with the token: look for a proxy or firewall on the way, and ask the vendor's support whether this address is blocked"
	adviceMoved   = "the service sent the request elsewhere, where relink does not take the token: check --api-url"
	adviceProxy   = "the proxy between here and the service wants a login: check HTTPS_PROXY"
	adviceSwapped = "the id is wrong, belongs to another object, or the two columns are swapped: the first record must be of the association's first object"
	adviceAddress = "if every row ends like this, check the association and --api-url"

	adviceGrant    = "the grant was revoked, or its refresh token was used elsewhere (each is good for one exchange, so a second copy of a credentials file does not work): have the app authorized again and give the new code to relink login"
	adviceClient   = "the service does not know this app: check RELINK_CLIENT_ID and RELINK_CLIENT_SECRET"
	adviceExchange = "the service gives no token: check RELINK_CLIENT_ID and RELINK_CLIENT_SECRET, then have the app authorized again and give the new code to relink login"
)

// rules is the table of answers, the first that matches counts. All of the
// service's texts stand here and nowhere else; they are matched as parts, in
// lower case, and the status comes first. What no rule matches is in doubt.
var rules = [...]rule{
	{low: 408, high: 408, class: importer.Doubt},

	// The uniqueness check is made at the write (S): the relation is there.
	{low: 400, high: 400, text: "duplicate relation", class: importer.Duplicate},
	{low: 409, high: 409, text: "duplicate relation", class: importer.Duplicate},
	{low: 422, high: 422, text: "duplicate relation", class: importer.Duplicate},

	// Of the credential or of relink itself, whatever the status (S: 401, 403).
	// They stand before the row's own rules, lest every row of a location be
	// marked as failed for what no row can change.
	{low: 400, high: 422, text: "version header", class: importer.Refused, advice: adviceVersion},
	{low: 400, high: 422, text: "invalid private integration token", class: importer.Refused, advice: adviceKind},
	{low: 400, high: 422, text: "authclass type is not allowed", class: importer.Refused, advice: adviceAuth},
	{low: 400, high: 422, text: "not authorized for this scope", class: importer.Refused, advice: adviceScope},
	{low: 400, high: 422, text: "location is not accessible", class: importer.Refused, advice: adviceWhere},
	{low: 400, high: 422, text: "token does not have access", class: importer.Refused, advice: adviceWhere},

	{low: 401, high: 401, text: "scope", class: importer.Refused, advice: adviceScope},
	{low: 401, high: 401, text: "authclass", class: importer.Refused, advice: adviceAuth},
	{low: 401, high: 401, text: "invalid jwt", class: importer.Stale, advice: adviceStale},                                                // S
	{low: 401, high: 401, text: "access token is invalid", class: importer.Stale, advice: adviceStale},                                    // D
	{low: 401, high: 401, text: "invalid access token", class: importer.Stale, advice: adviceStale},                                       // I
	{low: 401, high: 401, text: "access token invalid", class: importer.Stale, advice: adviceStale},                                       // I
	{low: 401, high: 401, text: "expired", class: importer.Stale, advice: adviceStale},                                                    // S
	{low: 401, high: 402, class: importer.Refused, advice: adviceRefused},                                                                 // 402: of the account, of no row
	{low: 403, high: 403, text: "cloudflare", class: importer.Blocked, advice: adviceEdge},                                                // I: the edge answers JSON as well
	{low: 403, high: 403, text: "scope", when: isJSON, class: importer.Refused, advice: adviceScope},                                      // S
	{low: 403, high: 403, text: "authclass", when: isJSON, class: importer.Refused, advice: adviceAuth},                                   // S
	{low: 403, high: 403, text: "location", when: isJSON, class: importer.Refused, advice: adviceWhere},                                   // S
	{low: 403, high: 403, when: isJSON, class: importer.Refused, advice: adviceRefused},                                                   // I
	{low: 403, high: 403, class: importer.Blocked, advice: adviceEdge},                                                                    // S: "Error 1010"
	{low: 407, high: 407, class: importer.Blocked, advice: adviceProxy},                                                                   // I
	{low: 451, high: 451, class: importer.Blocked, advice: adviceEdge},                                                                    // I
	{low: 300, high: 399, class: importer.Blocked, advice: adviceMoved},                                                                   // I
	{low: 429, high: 429, when: isSpent, class: importer.Spent},                                                                           // D
	{low: 429, high: 429, class: importer.Throttled},                                                                                      // D
	{low: 425, high: 425, class: importer.Doubt},                                                                                          // I
	{low: 422, high: 422, text: "invalid record id", class: importer.Rejected, cause: importer.CauseInvalidRecord, advice: adviceSwapped}, // S
	{low: 400, high: 400, text: "not found", when: isRead, class: importer.Rejected, cause: importer.CauseNotFound},                       // C
	{low: 400, high: 400, class: importer.Rejected, cause: importer.CauseBadRequest},
	{low: 404, high: 404, class: importer.Rejected, cause: importer.CauseNotFound, advice: adviceAddress},
	{low: 422, high: 422, class: importer.Rejected, cause: importer.CauseUnprocessable},
	{low: 400, high: 499, class: importer.Rejected, cause: importer.CauseRefusedRow, advice: adviceAddress},
}

// exchangeRules is the table of what POST /oauth/token answers.
var exchangeRules = [...]rule{
	{low: 408, high: 408, class: importer.Unsent},
	{low: 425, high: 425, class: importer.Unsent},
	{low: 429, high: 429, class: importer.Unsent},
	{low: 400, high: 403, text: "invalid_grant", class: importer.Refused, advice: adviceGrant},        // C, RFC 6749
	{low: 400, high: 403, text: "invalid_client", class: importer.Refused, advice: adviceClient},      // RFC 6749
	{low: 400, high: 403, text: "unauthorized_client", class: importer.Refused, advice: adviceClient}, // RFC 6749
	{low: 400, high: 422, text: "invalid grant", class: importer.Refused, advice: adviceGrant},        // I
	{low: 400, high: 422, text: "refresh token", class: importer.Refused, advice: adviceGrant},        // I
	{low: 403, high: 403, when: isJSON, class: importer.Refused, advice: adviceExchange},
	{low: 403, high: 403, class: importer.Blocked, advice: adviceEdge},
	{low: 407, high: 407, class: importer.Blocked, advice: adviceProxy},
	{low: 451, high: 451, class: importer.Blocked, advice: adviceEdge},
	{low: 300, high: 399, class: importer.Blocked, advice: adviceMoved},
	{low: 400, high: 499, class: importer.Refused, advice: adviceExchange},
	// What may be otherwise in a minute, 5xx above all. No call for a row was
	// made, so to the row even an exchange in doubt is Unsent.
	{low: 0, high: 999, class: importer.Unsent},
}

func isJSON(a answer) bool  { return a.json }
func isSpent(a answer) bool { return a.daily0 }
func isRead(a answer) bool  { return a.method == http.MethodGet }

// unclear is the rule of what the table does not know: 5xx and anything odd.
var unclear = rule{class: importer.Doubt}

// classify finds the rule for an answer that is no 2xx.
func classify(a answer) *rule { return match(rules[:], a) }

// match finds the first rule of a table for the answer.
func match(table []rule, a answer) *rule {
	for i := range table {
		r := &table[i]
		if a.status < r.low || a.status > r.high {
			continue
		}
		if r.text != "" && !strings.Contains(a.text, r.text) {
			continue
		}
		if r.when != nil && !r.when(a) {
			continue
		}
		return r
	}
	return &unclear
}
