package pace

import "time"

// slots holds the places of a window. A call takes one when it starts and has
// it until one interval after its end. Times are since the lane's start. Every
// method is O(1), the dropping of free slots amortised; nothing is allocated
// once the ring has grown to the window's size.
type slots struct {
	inFlight int             // calls not ended
	ring     []time.Duration // when calls ended, oldest first, from head on
	head     int
	count    int
}

// held is how many slots are taken.
func (s *slots) held() int { return s.inFlight + s.count }

// end turns a call in flight into one that ended at the time given, which must
// not lie before an earlier end.
func (s *slots) end(at time.Duration) {
	s.inFlight--
	s.push(at)
}

func (s *slots) push(at time.Duration) {
	if s.count == len(s.ring) {
		s.grow()
	}
	i := s.head + s.count
	if i >= len(s.ring) {
		i -= len(s.ring)
	}
	s.ring[i] = at
	s.count++
}

func (s *slots) grow() {
	ring := make([]time.Duration, max(16, 2*len(s.ring)))
	n := copy(ring, s.ring[s.head:])
	copy(ring[n:], s.ring[:s.head])
	s.ring, s.head = ring, 0
}

// each calls f with the end of every call whose slot is held, oldest first.
func (s *slots) each(f func(ended time.Duration)) {
	for i := range s.count {
		f(s.ring[(s.head+i)%len(s.ring)])
	}
}

// free drops the slots of calls that ended at the time given or before.
func (s *slots) free(until time.Duration) {
	for s.count > 0 && s.ring[s.head] <= until {
		s.count--
		if s.head++; s.head == len(s.ring) {
			s.head = 0
		}
	}
}

// below tells which end has to be one interval ago for fewer than n slots to be
// held. It is false when calls in flight have to end first.
func (s *slots) below(n int) (time.Duration, bool) {
	last := s.held() - n // index of the last slot that has to go
	if last >= s.count {
		return 0, false
	}
	return s.ring[(s.head+last)%len(s.ring)], true
}
