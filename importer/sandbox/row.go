package sandbox

import (
	"bytes"
	"io"
	"time"
)

// row is a stored relation as it is read back.
type row struct {
	relation
	number uint32
	at     time.Time
	id     string
}

// rows hands out up to n relations from a number on, those deleted left out, and
// the number to go on with; past the last one it returns none.
func (s *store) rows(from uint32, n int) ([]row, uint32, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []row
	for ; int(from) < len(s.places) && len(out) < n; from++ {
		if s.isGone(from) {
			continue
		}
		r, err := s.row(from)
		if err != nil {
			return nil, from, err
		}
		out = append(out, r)
	}
	return out, from, nil
}

// row reads a relation back from the tape.
func (s *store) row(number uint32) (row, error) {
	place := s.places[number]
	for size := int64(256); ; size *= 4 {
		b := make([]byte, min(size, s.end-place))
		if _, err := s.tape.ReadAt(b, place); err != nil && err != io.EOF {
			return row{}, err
		}
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			if int64(len(b)) == s.end-place {
				return row{}, io.ErrUnexpectedEOF
			}
			continue
		}
		l, err := parseLine(b[:end])
		if err != nil {
			return row{}, err
		}
		return s.rowOf(l, number)
	}
}

func (s *store) rowOf(l line, number uint32) (row, error) {
	if l.kind != lineCreate || int(l.location) >= len(s.names) || int(l.association) >= len(s.names) {
		return row{}, errDamaged
	}
	return row{
		relation: relation{s.names[l.location], s.names[l.association], l.first, l.second},
		number:   number, at: l.at, id: formatID(l.at, s.salt, number),
	}, nil
}
