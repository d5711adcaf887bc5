// Package checkpoint is the ledger: what relink knows of every pair, in
// Postgres, so that a run that was interrupted at any instant is carried on by
// running it again.
//
// # Tables
//
//	lane      one location of one target: what is locked and paced
//	unit      one association of a lane: the shared part of a relation's identity
//	relation  one pair, once, ever: its state and last outcome
//	import    one file content and how it was read, with its books
//	row       one data line: the relation it names, or why it was rejected
//	run       one execution of relink
//	claim     what a lane is about to send, written before it is sent
//	pulse     what a run did in a lane, minute by minute
//	errand    what an undo or a verify goes through, with a pick each relation
//
// Identity is the pair: target, location, association, first and second id, as
// 128 bits of SHA-256 (relation.hash). A file that was sorted, cut, renamed or
// appended to names the same relations. The target is the API's base URL, so a
// rehearsal against the sandbox never marks a live pair as done.
//
// # States
//
//	          claim                    settle
//	pending ─────────► (sending) ──┬──► created   made by us
//	   ▲                 │  │      ├──► existing  it was there already
//	   ├── release ──────┘  │      └──► failed    it cannot pass: cause, message
//	   ├── retry, new file ─┼──────────────┘
//	   └── new file ──── undone ◄── delete ── created
//	                        │
//	                        └── no outcome: stays in its claim, in doubt
//
// A relation is stored as pending, created, existing, failed or undone. Sending
// is not stored with it: a pending relation is sending while it stands in a
// claim. So a claim of a batch costs one small insert in place of an update of
// every row, and what a crash leaves in doubt is what stands in a claim of a
// run that no longer holds its lane.
//
// # Trust
//
// The lock is the connection. A lane holds a Postgres advisory lock on its id
// and makes its claims and settlements through the very connection that holds
// it. Who loses the connection has lost the lock and can write nothing any
// more; who holds the lock knows that every claim of the lane that is not its
// own was left by a dead run, and takes it over, in doubt. Doubt is settled by
// the service: the pair is sent again, and "duplicate relation" means that it
// is there. A killed process frees its lock at once, a machine that dies
// within 15 s (TCP keepalive, set by every connection for itself).
//
// # Failure
//
//   - A load is one transaction: a file is there whole or not at all.
//   - A claim is durable before a call is made for any of it.
//   - To settle twice, or after somebody else did, changes nothing: only a
//     relation that is still in the state it was claimed in is written.
//   - A lost connection, a server that restarts, a cancelled or deadlocked
//     statement are importer.ErrLost: open again, then say it again.
//   - Any other error (no disk, no permission, a broken constraint) ends the
//     run; what was claimed is in doubt and the next run settles it.
//
// The one demand on the database is a direct connection: behind a pooler that
// hands out another server connection for each transaction, locks and writes
// part company. Open refuses one where it can notice it.
package checkpoint
