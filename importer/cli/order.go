package cli

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"relink/importer"
	"relink/importer/leadconnector"
)

const (
	maxOrders = 16   // associations whose order is looked at
	maxSample = 1000 // ids of each that count
)

// An order watches, while a file is read, whether first and second ids look
// like different objects. Only then can the order of the association tell that
// they are swapped. Shapes are for a warning: they never reject anything.
type order struct {
	samples []*sample
	last    *sample
	off     bool
}

// A sample is what the ids of one association look like.
type sample struct {
	location, association string
	rows                  int
	first, second         [3]int // by shape
}

// The shapes by which objects can be told apart.
const (
	shapeOther  = iota
	shapeLetter // 20 letters and digits: contact, opportunity, user
	shapeHex    // 24 hex digits: custom object, company
)

var shapeNames = [...]string{"", "20 letters and digits", "24 hex digits"}

// begin starts with a new file; off if its ids are not the service's.
func (o *order) begin(on bool) { *o = order{off: !on} }

// note looks at one good line.
func (o *order) note(r *importer.Relation) {
	if o.off {
		return
	}
	if o.last == nil || o.last.association != r.Association || o.last.location != r.Location {
		if o.last = o.sample(r); o.last == nil {
			return
		}
	}
	if o.last.rows < maxSample {
		o.last.rows++
		o.last.first[shapeOf(r.First)]++
		o.last.second[shapeOf(r.Second)]++
	}
}

func (o *order) sample(r *importer.Relation) *sample {
	for _, s := range o.samples {
		if s.association == r.Association && s.location == r.Location {
			return s
		}
	}
	if len(o.samples) == maxOrders {
		return nil
	}
	s := &sample{location: strings.Clone(r.Location), association: strings.Clone(r.Association)}
	o.samples = append(o.samples, s)
	return s
}

// warn asks the service for the order of each association whose ids could tell,
// and says so if they look swapped. That is a courtesy: where the service does
// not answer, the run goes on without it.
func (o *order) warn(ctx context.Context, k *keyring, log *slog.Logger) {
	if k.s.hours.closed(time.Now()) != "" {
		return // nothing at all is asked outside the hours
	}
	for _, s := range o.samples {
		first, second := most(s.first, s.rows), most(s.second, s.rows)
		if first == second || first == shapeOther || second == shapeOther {
			continue
		}
		a, err := k.peek(ctx, s.location, s.association)
		if err != nil {
			log.Debug("asking for the association's order", "location", s.location, "association", s.association, "error", err)
			continue
		}
		if shapeOfObject(a.FirstObjectKey) != second || shapeOfObject(a.SecondObjectKey) != first {
			continue
		}
		log.Warn("the columns look swapped", "location", s.location, "association", s.association,
			"first", fmt.Sprintf("%s expected, the ids have %s", a.FirstObjectKey, shapeNames[first]),
			"second", fmt.Sprintf("%s expected, the ids have %s", a.SecondObjectKey, shapeNames[second]),
			"remedy", "stop it and run it again with --swap")
	}
}

// peek asks once for an association by its id, if it is not known by its key.
func (k *keyring) peek(ctx context.Context, location, id string) (leadconnector.Association, error) {
	for at, f := range k.found {
		if at[0] == location && f.association.ID == id {
			return f.association, nil
		}
	}
	var a leadconnector.Association
	err := k.try(ctx, location, func(ctx context.Context, c *leadconnector.Client) (reply importer.Reply, err error) {
		a, reply, err = c.Association(ctx, location, id)
		return reply, err
	})
	return a, err
}

// most is the shape that nine of ten ids have.
func most(shapes [3]int, rows int) int {
	for shape := shapeLetter; shape <= shapeHex; shape++ {
		if shapes[shape]*10 >= rows*9 && rows > 0 {
			return shape
		}
	}
	return shapeOther
}

// shapeOf is what an id looks like.
func shapeOf(id string) int {
	hex := true
	for i := range len(id) {
		c := id[i]
		if c < '0' || c > '9' && c < 'A' || c > 'Z' && c < 'a' || c > 'z' {
			return shapeOther
		}
		hex = hex && (c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F')
	}
	switch {
	case hex && len(id) == 24:
		return shapeHex
	case len(id) == 20:
		return shapeLetter
	}
	return shapeOther
}

// shapeOfObject is what the ids of an object usually look like.
func shapeOfObject(key string) int {
	switch {
	case key == "contact" || key == "opportunity" || key == "user":
		return shapeLetter
	case key == "business" || key == "company" || strings.HasPrefix(key, "custom_objects."):
		return shapeHex
	}
	return shapeOther
}
