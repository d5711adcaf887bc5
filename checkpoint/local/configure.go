//go:build darwin || freebsd || linux

package local

import (
	"os"
	"path/filepath"
	"runtime"
)

const settings = `# Written by relink at every start: changes here are lost.

# Durable: a commit is on the disk when it returns.
fsync = on
synchronous_commit = on
full_page_writes = on

# Small, and at home on any machine: no huge pages, and no parallel workers,
# whose shared memory does not fit into the 64 MB of /dev/shm of a container.
max_connections = 100
shared_buffers = 128MB
work_mem = 16MB
maintenance_work_mem = 64MB
huge_pages = off
max_parallel_workers_per_gather = 0
max_parallel_maintenance_workers = 0
jit = off

# No replicas, so the least log.
wal_level = minimal
max_wal_senders = 0
max_wal_size = 512MB
min_wal_size = 64MB
autovacuum_naptime = 10s

# One language and one clock.
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'

# server.log is not rotated while the server runs, so it holds what the server
# says of itself; what a client did wrong the client is told.
log_min_messages = log
log_checkpoints = off
cluster_name = 'relink'
unix_socket_permissions = 0700
`

// access: the socket's folder decides who gets in.
const access = `# Written by relink at every start: changes here are lost.
local all all trust
`

// configure writes the settings where they are not as they should be.
func (p place) configure(major int) error {
	text := settings
	if runtime.GOOS == "darwin" {
		// A plain fsync leaves the data in the drive's own cache there.
		text += "wal_sync_method = fsync_writethrough\n"
	}
	if runtime.GOOS == "linux" && major >= 14 {
		// A killed relink is noticed, and its locks are freed, in mid-statement.
		text += "client_connection_check_interval = 1s\n"
	}
	for name, text := range map[string]string{"postgresql.conf": text, "pg_hba.conf": access} {
		name = filepath.Join(p.data(), name)
		if was, err := os.ReadFile(name); err == nil && string(was) == text {
			continue
		}
		if err := p.write(name, text); err != nil {
			return err
		}
	}
	return nil
}
