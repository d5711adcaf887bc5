// Package migrations holds the ledger's schema, one numbered file a step.
// A file that has been released is never changed: a new one follows it.
package migrations

import "embed"

// Files are the steps, named NNNN_what.sql, in order.
//
//go:embed *.sql
var Files embed.FS
