package source

import (
	"unicode/utf8"

	"relink/importer"
)

// relate makes the relation of a record, or its rejection.
func (r *Reader) relate(line *importer.Line, record []string, start, end int64) {
	ids := r.last
	changed := 0
	for role, at := range r.columns {
		if at < 0 {
			continue
		}
		cell := record[at]
		if role <= roleAssociation && cell != "" && cell == ids[role] {
			continue // the same for many rows: keep the string there is
		}
		if !plain(cell) {
			id, rejected := r.tidy(cell, role)
			if rejected != nil {
				if r.swallowed(r.raw(start, end), &r.last) {
					r.unclosed(line, start, end)
				} else {
					r.reject(line, rejected, start, end)
				}
				return
			}
			if id != cell {
				changed++
				cell = id
			}
		}
		ids[role] = cell
	}
	if r.extra || changed > 0 || r.options.Swap {
		line.Raw = r.raw(start, end)
		if r.extra && r.swallowed(line.Raw, &ids) {
			r.unclosed(line, start, end)
			return
		}
	}
	if r.extra || ids[roleLocation] != r.last[roleLocation] || ids[roleAssociation] != r.last[roleAssociation] {
		r.last = ids
	}
	r.trimmed += changed
	line.Relation = importer.Relation{Location: ids[roleLocation], Association: ids[roleAssociation], First: ids[roleFirst], Second: ids[roleSecond]}
	if r.options.Swap {
		line.Relation = line.Relation.Reversed()
	}
}

// tidy makes an id of a cell that is not one as it stands, or says why it
// cannot.
func (r *Reader) tidy(cell string, role int) (string, *importer.Rejection) {
	id := trim(cell)
	if r.options.Clean {
		id = clean(id)
	}
	rejected := fault(id)
	if rejected == nil && r.guessed {
		rejected = unsure(id)
	}
	if rejected == nil {
		return id, nil
	}
	rejected.Column = r.header[r.columns[role]]
	if rejected.Cause == importer.RejectEmpty && r.options.defaults()[role] != "" {
		rejected.Message += ": an id given for all rows fills a missing column, not an empty cell"
	}
	return "", rejected
}

// unsure rejects an id beyond ASCII in a file whose encoding was guessed: it
// may as well be a damaged one.
func unsure(id string) *importer.Rejection {
	for i := range len(id) {
		if id[i] >= utf8.RuneSelf {
			return &importer.Rejection{
				Cause:   importer.RejectEncoding,
				Message: "the id holds bytes that are not UTF-8; if the file is in Windows-1252, say so: --encoding " + enc1252,
			}
		}
	}
	return nil
}
