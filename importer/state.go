package importer

// A State says where a relation stands in the ledger.
type State string

// The states of a relation. Pending, Created, Existing, Failed and Undone are
// stored; Sending is what the ledger calls a pending relation that lies in a
// claim: a call for it may have been made and no outcome is known.
const (
	Pending  State = "pending"
	Sending  State = "sending"
	Created  State = "created"  // made by us
	Existing State = "existing" // it was there already
	Failed   State = "failed"   // it cannot pass; the cause says why
	Undone   State = "undone"   // created by us and deleted again
)

// A Cause is the machine-readable reason of a failed relation. The service's
// own words stand beside it in Outcome.Message.
type Cause string

// The causes of a failed relation.
const (
	CauseInvalidRecord Cause = "invalid_record" // 422 "Invalid record id": wrong id, wrong object, or swapped columns
	CauseBadRequest    Cause = "bad_request"    // another 400
	CauseNotFound      Cause = "not_found"      // 404
	CauseUnprocessable Cause = "unprocessable"  // another 422
	CauseRefusedRow    Cause = "refused_row"    // another 4xx that speaks of this row alone
	CauseUnclear       Cause = "unclear"        // no clear answer in all attempts, while other calls had one
)

// Repeatable reports whether sending the same row again may end differently:
// false where the row itself has to change first.
func (c Cause) Repeatable() bool {
	return c != CauseInvalidRecord
}
