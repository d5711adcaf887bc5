package cli

import (
	"context"
	"errors"
	"sync/atomic"

	"relink/importer"
	"relink/importer/leadconnector"
)

// A deleter deletes relations, and counts those that were gone already.
type deleter struct{ gone atomic.Int64 }

type deleting struct {
	*leadconnector.Client
	gone *atomic.Int64
}

func (d *deleter) of(c *leadconnector.Client) deleting { return deleting{c, &d.gone} }

// Send makes one attempt to delete an item's relation: see importer.Sender. One
// that is not there is deleted.
func (d deleting) Send(ctx context.Context, item importer.Item) (importer.Reply, error) {
	reply, err := d.Delete(ctx, item.Relation.Location, item.RelationID)
	var refusal *leadconnector.Error
	if errors.As(err, &refusal) && refusal.Class == importer.Rejected && refusal.Cause == importer.CauseNotFound {
		if !item.Doubt { // or our own earlier call deleted it
			d.gone.Add(1)
		}
		return reply, nil
	}
	return reply, err
}
