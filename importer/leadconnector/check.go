package leadconnector

import (
	"context"

	"relink/importer"
)

// The scopes that relink needs: to write, and for checks and undo to read.
const (
	ScopeWrite        = "associations/relation.write"
	ScopeRead         = "associations/relation.readonly"
	ScopeAssociations = "associations.readonly"
)

// nobody is the id of no record.
const nobody = "000000000000000000000000"

// Check asks the service by one harmless read, which needs ScopeRead, whether it
// takes the credential for the location: nil, or the refusal. That a record of
// no such id has no relations, or is not found, is an answer of one who is let in.
func (c *Client) Check(ctx context.Context, location string) (importer.Reply, error) {
	_, _, reply, err := c.List(ctx, location, nobody, nil, 0, 1)
	if err != nil && reply.Status != 0 && importer.ClassOf(err) == importer.Rejected {
		return reply, nil
	}
	return reply, err
}

// LacksScope reports whether an error is the service's word that the token
// lacks a scope.
func (e *Error) LacksScope() bool { return e.advice == adviceScope }
