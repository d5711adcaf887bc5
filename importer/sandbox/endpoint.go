package sandbox

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// serve does what a call asks, with no thought of limits or faults.
func (s *Server) serve(c call, r *http.Request, lag time.Duration) answer {
	if c.wrong.status != 0 {
		return c.wrong
	}
	switch c.end {
	case endCreate:
		return s.create(c.relation)
	case endList:
		return s.list(c, r.URL.Query(), lag)
	case endDelete:
		return s.remove(c)
	case endAssociation, endAssociationByKey:
		return s.association(c)
	case endAssociations:
		return s.associations(c)
	case endToken:
		return s.grants.exchange(r)
	}
	return problem(http.StatusNotFound, "Not Found")
}

func (s *Server) create(r relation) answer {
	a, found := s.known.byID(r.association, r.location)
	if !found {
		s.store.count(r)
		return problem(http.StatusNotFound, "Association not found")
	}
	if id := s.known.stranger(r, a); id != "" {
		s.store.count(r)
		return problem(http.StatusUnprocessableEntity, "Invalid record id : '"+id+"' for association : "+a.Key)
	}
	id, duplicate, err := s.store.create(r, time.Now())
	switch {
	case err != nil:
		return broken(err)
	case duplicate:
		return problem(http.StatusBadRequest,
			"Could not create relation: duplicate relation of object Ids for given association")
	}
	return created(s.config.Shape, r, a, id)
}

func (s *Server) remove(c call) answer {
	ok, err := s.store.remove(c.id, c.location)
	switch {
	case err != nil:
		return broken(err)
	case !ok:
		return problem(http.StatusNotFound, "Relation not found")
	}
	b := appendTrace([]byte(`{"success":true,`))
	return answer{status: http.StatusOK, body: append(b, '}')}
}

func (s *Server) list(c call, values url.Values, lag time.Duration) answer {
	q := query{location: c.location, record: c.id, before: time.Now().Add(-lag)}
	var wrong []string
	q.skip = number(values, "skip", 0, 1<<31-1, &wrong)
	q.limit = number(values, "limit", 1, 100, &wrong)
	if wrong != nil {
		return invalid(wrong)
	}
	for _, name := range []string{"associationIds", "associationIds[]"} {
		for _, value := range values[name] {
			for id := range strings.SplitSeq(value, ",") {
				if id != "" {
					q.associations = append(q.associations, id)
				}
			}
		}
	}
	page, total, err := s.store.list(q)
	if err != nil {
		return broken(err)
	}
	b := []byte(`{"relations":[`)
	for i, row := range page {
		if i > 0 {
			b = append(b, ',')
		}
		a, _ := s.known.byID(row.association, row.location)
		b = append(appendRelation(b, row.relation, a, row.id), '}')
	}
	b = strconv.AppendInt(append(b, `],"total":`...), int64(total), 10)
	return answer{status: http.StatusOK, body: append(appendTrace(append(b, ',')), '}')}
}

// number reads a required query value between two bounds, or says what is wrong.
func number(values url.Values, name string, low, high int, wrong *[]string) int {
	n, err := strconv.Atoi(values.Get(name))
	switch {
	case err != nil:
		*wrong = append(*wrong, name+" must be a number")
	case n < low:
		*wrong = append(*wrong, name+" must not be less than "+strconv.Itoa(low))
	case n > high:
		*wrong = append(*wrong, name+" must not be greater than "+strconv.Itoa(high))
	}
	return n
}

func (s *Server) association(c call) answer {
	find := s.known.byID
	if c.end == endAssociationByKey {
		find = s.known.byKey
	}
	a, ok := find(c.id, c.location)
	switch {
	case ok:
		return answer{status: http.StatusOK, body: appendWhole(nil, a, c.location)}
	case c.end == endAssociationByKey && s.config.BadKey:
		return problem(http.StatusBadRequest, "Association with key "+c.id+" not found")
	}
	return problem(http.StatusNotFound, "Association not found")
}

func (s *Server) associations(c call) answer {
	list := []json.RawMessage{}
	for _, a := range s.known.associations {
		if a.in(c.location) {
			list = append(list, appendWhole(nil, a, c.location))
		}
	}
	return jsonAnswer(http.StatusOK, map[string]any{"associations": list, "total": len(list)})
}

func appendWhole(b []byte, a Association, location string) []byte {
	if a.Location != "" {
		location = a.Location
	}
	b = appendString(append(b, `{"id":`...), a.ID)
	b = appendString(append(b, `,"locationId":`...), location)
	return append(appendAssociation(append(b, ','), a), '}')
}

// broken is the sandbox's own trouble, such as a full disk: nothing was written.
func broken(err error) answer {
	return problem(http.StatusInternalServerError, "the sandbox itself: "+err.Error())
}
