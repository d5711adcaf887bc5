package chaos

import (
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// inNamespace runs f on a thread that lives in a network namespace: what it
// listens on and what it starts belong there. The thread is not used again.
func inNamespace(name string, f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		ns, err := os.Open("/run/netns/" + name)
		if err == nil {
			defer ns.Close()
			if _, _, errno := syscall.Syscall(unix.SYS_SETNS, ns.Fd(), syscall.CLONE_NEWNET, 0); errno != 0 {
				err = os.NewSyscallError("setns", errno)
			}
		}
		if err == nil {
			err = f()
		}
		done <- err
	}()
	return <-done
}
