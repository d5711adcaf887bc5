package cli

import (
	"context"
	"fmt"

	"relink/importer"
	"relink/importer/leadconnector"
)

// mostPages bounds what one look reads of a record's relations: at 1,000 of one
// association the service's own limit ends them.
const mostPages = 10

// A creator sends relations to be created, and looks them up.
type creator struct{ *leadconnector.Client }

var _ importer.Looker = creator{}

// Send makes one attempt to create an item's relation: see importer.Sender.
func (c creator) Send(ctx context.Context, item importer.Item) (importer.Reply, error) {
	return c.Create(ctx, item.Relation)
}

// Look reads the relations of an item's first record until it finds the one
// with the second: see importer.Looker.
func (c creator) Look(ctx context.Context, item importer.Item) (importer.Reply, bool, error) {
	r := item.Relation
	read := 0
	for range mostPages {
		links, total, reply, err := c.List(ctx, r.Location, r.First, []string{r.Association}, read, pageSize)
		if err != nil {
			return reply, false, err
		}
		for _, link := range links {
			if link.Association == r.Association && link.First == r.First && link.Second == r.Second {
				reply.RelationID = link.ID
				return reply, true, nil
			}
		}
		if read += len(links); len(links) == 0 || read >= total {
			return reply, false, nil
		}
	}
	return importer.Reply{}, false, fmt.Errorf("%w: %s has more relations than the %d that were read", importer.Rejected, r.First, read)
}
