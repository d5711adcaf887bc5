package importer

import "time"

// An Item is one claimed relation: what a lane hands to its workers.
type Item struct {
	ID         int64 // the ledger's key of the relation
	Line       int64 // the line of the file that named it, 0 where none is known
	Relation   Relation
	RelationID string // the service's id, if known (needed to delete)
	Attempts   int    // unclear attempts of earlier runs
	Doubt      bool   // an earlier call for it may have been carried out
}

// An Outcome is the end of one Item: what the ledger writes down. A row that
// fails is an Outcome like any other, never an error.
type Outcome struct {
	ID         int64
	State      State // Created, Existing, Failed or Undone
	Uncertain  bool  // Created, but by an unclear earlier call as far as can be known
	Status     int   // last HTTP status, 0 when no answer arrived
	Cause      Cause // set when State is Failed
	Message    string
	TraceID    string
	RelationID string
	Attempts   int // calls made for it, those of earlier runs included
	At         time.Time
}
