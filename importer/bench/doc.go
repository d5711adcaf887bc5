// Package bench measures what relink costs, side by side with a bare loop that
// keeps no journal. It holds tests only; make bench runs them:
//
//	go test -v -run '^TestTable$' ./importer/bench -args -table
//
// The real binary runs in a process of its own, the stand-in for the service in
// another, the ledger is a private Postgres with its default durability, all on
// this machine. Absolute figures are this machine's; the ratios were taken side
// by side in one run and travel better.
//
//	-table      measure: without it nothing runs, so that go test ./... is quick
//	-only TEXT  measure only what has TEXT in its name
//	-long       also 10,000,000 rows (some minutes more)
//	-plot FILE  where the drawing of how cost grows goes
package bench
