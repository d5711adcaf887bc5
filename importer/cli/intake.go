package cli

import (
	"context"
	"fmt"
	"log/slog"

	"relink/checkpoint"
	"relink/importer"
	"relink/importer/source"
)

// An intake is how files come into the ledger: read as the options say, with
// the keys of associations looked up and legacy ids translated on the way.
type intake struct {
	source.Options
	key   bool      // Options.Association is a key
	keys  *keyring  // nil: keys stay as they are
	maps  [2]*idMap // of first and second ids; nil: they are record ids
	order order
}

// reading tells two ways of reading apart, as File.Reading wants it.
func (in *intake) reading() string {
	o, more := in.Options, ""
	if in.key {
		more = fmt.Sprintf(" association-key=%q", o.Association)
		o.Association = ""
	}
	for i, name := range [...]string{"first-map", "second-map"} {
		if m := in.maps[i]; m != nil {
			more += fmt.Sprintf(" %s=%q", name, m.reading())
		}
	}
	return o.Reading() + more
}

// open opens a file.
func (in *intake) open(p *program, name string) (*source.Reader, error) {
	r, err := p.openSource(name, in.Options)
	// What is changed on the way cannot be rebuilt for the failures file.
	if err == nil && (in.maps != [2]*idMap{} || r.KeyColumn() != "") {
		r.KeepRaw()
	}
	return r, err
}

// lines reads a file's lines with their associations' ids.
func (in *intake) lines(ctx context.Context, r *source.Reader) func(*importer.Line) error {
	keyed := r.KeyColumn() != "" || in.key && !r.HasAssociation()
	in.order.begin(in.maps == [2]*idMap{})
	return func(line *importer.Line) error {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := r.Next(line); err != nil || line.Rejected != nil {
			return err
		}
		if keyed && in.keys != nil {
			if err := in.resolve(ctx, r, line); err != nil || line.Rejected != nil {
				return err
			}
		}
		in.order.note(&line.Relation)
		return nil
	}
}

// resolve puts the id in the place of a line's key. A key that the location
// does not have rejects the line if it stands there; if it was given for all
// lines, nothing is loaded.
func (in *intake) resolve(ctx context.Context, r *source.Reader, line *importer.Line) error {
	rel := &line.Relation
	found, err := in.keys.find(ctx, rel.Location, rel.Association)
	if err != nil {
		return err
	}
	if found.unknown == "" {
		rel.Association = found.association.ID
		return nil
	}
	if r.KeyColumn() == "" {
		return usage(fmt.Errorf("--association-key: %s; nothing was loaded", found.unknown), "give one of those keys, or the id with --association")
	}
	line.Rejected = &importer.Rejection{Cause: importer.RejectUnmapped, Column: r.KeyColumn(), Message: found.unknown}
	return nil
}

// file is what the ledger is told of a file.
func (in *intake) file(name string, r *source.Reader, log *slog.Logger) checkpoint.File {
	return checkpoint.File{
		Name: name, Reading: in.reading(), Header: r.Header(), Columns: r.Columns(), Delimiter: r.Delimiter(),
		FirstMap: in.maps[0].lines(log), SecondMap: in.maps[1].lines(log),
	}
}
