package source

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// keyColumn is the name, squeezed, of a column that tells associations by key.
const keyColumn = "associationkey"

// OpenKeyed is Open for a caller who can find associations by their keys: a
// column associationKey takes the place of associationId.
func OpenKeyed(name string, o Options) (*Reader, error) {
	f, size, err := openFile(name)
	if err != nil {
		return nil, err
	}
	r, err := NewKeyed(name, f, o)
	if err != nil {
		f.Close()
		return nil, err
	}
	r.file, r.size = f, size
	return r, nil
}

// NewKeyed is New for such a caller.
func NewKeyed(name string, src io.Reader, o Options) (*Reader, error) {
	r := &Reader{name: shown(name), options: o, ends: func() {}}
	if err := o.check(); err != nil {
		err.File = r.name
		return nil, err
	}
	r.tally = newTally(src)
	err := r.begin()
	if e := r.useKeys(); e != nil {
		err = e
	} else if r.KeyColumn() != "" {
		err = nil
	}
	if err != nil {
		r.Close()
		return nil, r.located(err, 0)
	}
	return r, nil
}

// useKeys gives the association's role to the column that holds its key, if
// the header has one. The reader stands behind the header, whether or not the
// other columns were understood.
func (r *Reader) useKeys() error {
	at := slices.Index(squeeze(r.header), keyColumn)
	if at < 0 || r.options.NoHeader || r.options.AssociationColumn != "" {
		return nil
	}
	if id := slices.Index(squeeze(r.header), roleAliases[roleAssociation][0]); id >= 0 {
		return &Error{
			Line:   r.lines + 1,
			Reason: fmt.Sprintf("columns %d (%s) and %d (%s) both say which association it is", id+1, quoted(r.header[id]), at+1, quoted(r.header[at])),
			Hint:   fmt.Sprintf("say which one counts: --association-column %s", quoted(r.header[id])),
		}
	}
	r.options.AssociationColumn = trim(r.header[at])
	found, e := findColumns(r.header, r.options)
	if e != nil {
		e.Line = r.lines + 1
		return e
	}
	r.assign(found)
	r.csv.FieldsPerRecord = len(r.header)
	return nil
}

// KeyColumn is the name of the column that holds an association's key where
// others have its id; empty if there is none.
func (r *Reader) KeyColumn() string {
	at := r.columns[roleAssociation]
	if r.header == nil || r.columns == (columns{}) || at < 0 || strings.TrimSpace(squeeze(r.header)[at]) != keyColumn {
		return ""
	}
	return r.header[at]
}

// HasAssociation reports whether a column says which association a row is for;
// otherwise it is the one of the Options.
func (r *Reader) HasAssociation() bool { return r.columns[roleAssociation] >= 0 }

// KeepRaw sets Raw for every line to come: for a caller who changes ids, so that
// a line cannot be rebuilt from its relation.
func (r *Reader) KeepRaw() { r.extra = true }
