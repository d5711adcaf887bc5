package sandbox

import (
	"bufio"
	"bytes"
	"hash/maphash"
	"io"
	"time"
)

// index finds the relations of a record. Each relation has two edges, one a
// side; the edges of a record form a chain, in the order of creation. Twenty-odd
// bytes a record and eight a relation.
type index struct {
	seed maphash.Seed
	ends map[uint64]chain // by hash of location and record
	next []uint32         // by edge: the next edge of the record, plus one
}

type chain struct{ head, tail uint32 } // edges, plus one

func (x *index) add(number uint32, r relation) {
	for len(x.next) < 2*int(number)+2 {
		x.next = append(x.next, 0)
	}
	x.link(x.hash(r.location, r.first), 2*number)
	if r.second != r.first {
		x.link(x.hash(r.location, r.second), 2*number+1)
	}
}

func (x *index) link(h uint64, edge uint32) {
	c, ok := x.ends[h]
	if ok {
		x.next[c.tail-1] = edge + 1
	} else {
		c.head = edge + 1
	}
	c.tail = edge + 1
	x.ends[h] = c
}

func (x *index) hash(location, record string) uint64 {
	var h maphash.Hash
	h.SetSeed(x.seed)
	h.WriteString(location)
	h.WriteByte(0)
	h.WriteString(record)
	return h.Sum64()
}

// query asks for a page of the relations of one record.
type query struct {
	location, record string
	associations     []string  // none: all
	before           time.Time // relations made after it are not seen yet
	skip, limit      int
}

// list returns the page and how many relations there are in all.
func (s *store) list(q query) (page []row, total int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.index == nil {
		if err := s.buildIndex(); err != nil {
			return nil, 0, err
		}
	}
	for edge := s.index.ends[s.index.hash(q.location, q.record)].head; edge != 0; edge = s.index.next[edge-1] {
		number := (edge - 1) / 2
		if s.isGone(number) {
			continue
		}
		r, err := s.row(number)
		if err != nil {
			return nil, 0, err
		}
		if !q.wants(r) {
			continue
		}
		if total >= q.skip && len(page) < q.limit {
			page = append(page, r)
		}
		total++
	}
	return page, total, nil
}

func (q query) wants(r row) bool {
	if r.location != q.location || r.first != q.record && r.second != q.record || r.at.After(q.before) {
		return false
	}
	for _, a := range q.associations {
		if a == r.association {
			return true
		}
	}
	return len(q.associations) == 0
}

// buildIndex reads the tape once, from beginning to end.
func (s *store) buildIndex() error {
	x := &index{seed: maphash.MakeSeed(), ends: map[uint64]chain{}, next: make([]uint32, 0, 2*len(s.places))}
	in := bufio.NewReaderSize(io.NewSectionReader(s.tape, 0, s.end), 1<<16)
	for number := uint32(0); int(number) < len(s.places); {
		text, err := readLine(in)
		if err != nil {
			return err
		}
		if text[0] != lineCreate {
			continue
		}
		l, err := parseLine(bytes.TrimSuffix(text, []byte("\n")))
		if err != nil {
			return err
		}
		r, err := s.rowOf(l, number)
		if err != nil {
			return err
		}
		x.add(number, r.relation)
		number++
	}
	s.index = x
	return nil
}
