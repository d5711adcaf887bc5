package cli

import (
	"context"
	"errors"
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

// cut is err, or that the program was stopped where that is all err says: of a
// statement cut short by a signal it says only that its context was canceled.
func (p *program) cut(err error) error {
	var stop importer.Stop
	if !errors.Is(err, context.Canceled) || !errors.As(context.Cause(p.soft), &stop) {
		return err
	}
	return &failure{err: stop, code: stop.Exit(), next: "run the same command again"}
}
