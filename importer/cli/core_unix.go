//go:build unix && !linux

package cli

import "syscall"

// noCore keeps a crash from leaving a core, which would hold the token.
func noCore() { _ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }
