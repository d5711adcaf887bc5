package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"relink/importer"
)

// Signals returns the two contexts of a run. The first signal ends soft: start
// nothing new, let calls in flight finish. The second ends the process at once,
// as a crash does: the ledger holds what the next run needs. A crash leaves no
// core, which would hold the token.
func Signals() (hard, soft context.Context) {
	noCore()
	hard = context.Background()
	soft, stop := context.WithCancelCause(hard)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-signals
		stop(importer.StopSignal)
		<-signals
		os.Exit(importer.StopSignal.Exit())
	}()
	return hard, soft
}
