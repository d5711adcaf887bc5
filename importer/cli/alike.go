package cli

import (
	"context"
	"sync/atomic"

	"relink/importer"
)

// A witness makes calls, and remembers why the service refused a row last.
type witness struct {
	importer.Sender
	cause atomic.Pointer[importer.Cause]
}

// Send makes one attempt: see importer.Sender.
func (w *witness) Send(ctx context.Context, item importer.Item) (importer.Reply, error) {
	reply, err := w.Sender.Send(ctx, item)
	if err != nil && importer.ClassOf(err) == importer.Rejected {
		w.cause.Store(&reply.Cause)
	}
	return reply, err
}

// explain adds what is likely wrong when every row of a lane failed alike.
func (w *witness) explain(end importer.End) importer.End {
	cause := w.cause.Load()
	if end.Stop == importer.StopAlike && cause != nil && *cause == importer.CauseInvalidRecord {
		end.Detail += ": are the columns swapped? Name them with --first-column and --second-column"
	}
	return end
}
