package importer

import "fmt"

// A Relation is one pair of records to link: the unit of work, named once and
// for ever by these four ids and by the service it is meant for.
//
// Order matters to the service: First belongs to the first object of the
// association and Second to the second, so (A, B) and (B, A) are two relations.
// Ids are opaque and case-sensitive.
type Relation struct {
	Location    string // the sub-account, whose quota and token apply
	Association string // the kind of link
	First       string // record id of the association's first object
	Second      string // record id of the association's second object
}

// String names the pair for logs and messages: ids only, no personal data.
func (r Relation) String() string {
	return fmt.Sprintf("%s → %s (association %s, location %s)", r.First, r.Second, r.Association, r.Location)
}

// Reversed is the relation with its two records exchanged.
func (r Relation) Reversed() Relation {
	r.First, r.Second = r.Second, r.First
	return r
}
