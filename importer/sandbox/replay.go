package sandbox

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
)

// replay reads the tape from its beginning. A last line without its end was
// never answered: it is cut. Anything else that cannot be read is an error,
// since a relation that is forgotten would be made twice.
func (s *store) replay() error {
	s.empty()
	in := bufio.NewReaderSize(io.NewSectionReader(s.tape, 0, 1<<62), 1<<16)
	for n := 1; ; n++ {
		text, err := readLine(in)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := s.play(bytes.TrimSuffix(text, []byte("\n")), n); err != nil {
			return fmt.Errorf("reading line %d: %w", n, err)
		}
		s.end += int64(len(text))
	}
	if err := s.tape.Truncate(s.end); err != nil {
		return err
	}
	if s.end == 0 {
		return s.begin()
	}
	return nil
}

// readLine returns the next whole line, or io.EOF where no more is whole.
func readLine(in *bufio.Reader) ([]byte, error) {
	text, err := in.ReadSlice('\n')
	if err != bufio.ErrBufferFull {
		return text, err
	}
	long := bytes.Clone(text)
	rest, err := in.ReadBytes('\n')
	return append(long, rest...), err
}

func (s *store) play(text []byte, n int) error {
	l, err := parseLine(text)
	if err != nil {
		return err
	}
	if (n == 1) != (l.kind == lineTitle) {
		return errDamaged
	}
	switch l.kind {
	case lineTitle:
		s.salt = l.number
	case lineName:
		s.addName(l.name)
	case lineDelete:
		if int(l.number) >= len(s.places) || s.isGone(l.number) {
			return errDamaged
		}
		r, err := s.row(l.number)
		if err != nil {
			return err
		}
		s.forget(l.number, r.relation)
	case lineCreate:
		r, err := s.rowOf(l, uint32(len(s.places)))
		if err != nil {
			return err
		}
		s.add(r.relation, l.location, s.end)
		s.pairs[r.key()] = mark{number: r.number + 1}
	}
	return nil
}
