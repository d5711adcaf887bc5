package cli

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"relink/checkpoint"
	"relink/importer"
	"relink/importer/source"
)

// An idMap is a CSV that tells which record took the place of a legacy id.
type idMap struct {
	flag           string
	name           string
	legacy, record string // columns, by name or number
	sum            string // SHA-256 of the file
	clean          bool
}

// newIDMap reads FILE or FILE:legacyColumn:recordColumn, and the file's header,
// so that a mistake is told before anything is done; nil if text is empty.
func newIDMap(flag, text string, clean bool) (*idMap, error) {
	if text == "" {
		return nil, nil
	}
	m := &idMap{flag: flag, name: text, legacy: "1", record: "2", clean: clean}
	// A file may have colons in its name.
	if _, err := os.Stat(text); err != nil {
		if parts := strings.Split(text, ":"); len(parts) > 2 {
			n := len(parts)
			m.name, m.legacy, m.record = strings.Join(parts[:n-2], ":"), parts[n-2], parts[n-1]
		}
	}
	var err error
	if m.sum, _, err = source.Hash(m.name); err != nil {
		return nil, m.worded(err)
	}
	r, err := m.open()
	if err != nil {
		return nil, m.worded(err)
	}
	return m, r.Close()
}

// open opens the file as one of pairs: the legacy id first, the record second.
func (m *idMap) open() (*source.Reader, error) {
	return source.Open(m.name, source.Options{
		Location: "-", Association: "-", FirstColumn: m.legacy, SecondColumn: m.record, Clean: m.clean,
	})
}

// worded tells of the map's columns by the flag that names them.
func (m *idMap) worded(err error) error {
	next := fmt.Sprintf("%s FILE:legacyColumn:recordColumn names the columns; without them they are the first two", m.flag)
	var e *source.Error
	if errors.As(err, &e) {
		same := *e
		for _, text := range []*string{&same.Reason, &same.Hint} {
			*text = strings.NewReplacer("--first-column", m.flag, "--second-column", m.flag).Replace(*text)
		}
		err = &same
	}
	return usage(err, next)
}

// reading tells two maps apart by what they hold, wherever they lie.
func (m *idMap) reading() string { return m.sum + ":" + m.legacy + ":" + m.record }

// lines reads the map, as often as the ledger asks; nil for no map. Lines that
// are no good are skipped, and counted: an id without a record has none.
func (m *idMap) lines(log *slog.Logger) checkpoint.Map {
	if m == nil {
		return nil
	}
	var r *source.Reader
	bad, first := 0, ""
	return func(line *importer.Line) (err error) {
		if r == nil {
			if r, err = m.open(); err != nil {
				return m.worded(err)
			}
		}
		for {
			err := r.Next(line)
			if err == nil && line.Rejected != nil {
				if bad++; bad == 1 {
					first = fmt.Sprintf("line %d: %s", line.Number, line.Rejected.Message)
				}
				continue
			}
			if err == nil {
				return nil
			}
			defer r.Close()
			if err != io.EOF {
				return m.worded(err)
			}
			if r.SHA256() != m.sum {
				return &failure{
					err: fmt.Errorf("%s changed while it was being read; nothing was loaded", m.name), code: 2,
					next: "run the same command again when the file is complete",
				}
			}
			if bad > 0 {
				log.Warn("lines of the map tell of no record and were left out", "map", m.name, "lines", bad, "first", first)
			}
			return io.EOF
		}
	}
}
