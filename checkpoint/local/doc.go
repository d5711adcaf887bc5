// Package local runs a private Postgres for people who have none.
//
// [Start] brings up the server that belongs to a state folder, or joins it
// when another process has it up already; [Server.Close] leaves it, and the
// last one to leave stops it. The programs come from the machine ([Binaries]);
// nothing is downloaded.
//
// # Where things lie
//
// Everything is in STATE/postgres, private to the account the server runs as:
//
//	data/        the Postgres data folder; the only thing of value here
//	run/         socket, pipe: /tmp/relink-UID-HASH instead when the path is
//	             too long or too odd for a socket
//	server.log   the server's log since its last start, server.log.old before
//	start.lock   held while somebody starts, joins or leaves
//	server.lock  held by the server's own processes for as long as one lives
//
// Postgres refuses to run as root. Under root the server runs as the owner of
// the state folder, else as postgres, else as nobody. Where that account cannot
// reach the state folder (/root is usually closed), STATE/postgres is a link to
// /var/lib/relink/HASH and everything lies there; modes of folders that are not
// ours are never changed. Such a folder in /var/lib/relink is removed only when
// its state folder was a temporary one (/tmp, $TMPDIR) and is gone.
//
// There is no TCP port and no password: the socket lies in a folder of mode
// 0700, so only root and the server's own account get to it, and they could
// read the files anyway.
//
// Tests that want a real server give Start a folder made by os.MkdirTemp in
// /tmp and opened with os.Chmod(dir, 0o711), once for a package, and remove it
// after Close. t.TempDir works too, but is closed to the server's account when
// the tests run as root, so that the data go to /var/lib/relink.
//
// # What is durable
//
// A commit is on the disk when it returns (fsync, full_page_writes and
// synchronous_commit are on, and the settings are written again at each start).
// A new data folder is made beside its place, synced and renamed, so it is
// there whole or not at all. Nothing here ever deletes or overwrites a data
// folder that is in its place.
//
// # Who stops the server
//
// Two facts decide everything, and the kernel keeps both, so that no crash can
// falsify them:
//
//   - A process that uses the server holds the write end of the named pipe
//     run/users. A small sh, started with the server, reads the other end: the
//     end of file means that the last user is gone, however it died, and the
//     sh stops the server.
//   - server.lock was locked before the server was started and is inherited by
//     the sh and by every process of the server. It is free when all of them
//     are gone, whatever postmaster.pid says.
//
// So a start is: lock start.lock; try server.lock. If it is free, nothing runs
// and what an earlier crash left is mended before the server is started. If it
// is taken, write a word into the pipe and wait for the sh to answer: only an
// sh that has not seen the end of file answers, and it cannot see one any more
// now that we hold the pipe. No answer means that the server is on its way
// down: server.lock comes free and we start it anew.
//
// initdb inherits start.lock in the same way: a start that was killed half way
// holds up the next one only until its initdb has ended.
package local
