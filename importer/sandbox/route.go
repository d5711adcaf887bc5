package sandbox

import (
	"net/http"
	"strings"
)

// endpoint is one call of the API.
type endpoint int

const (
	endOther endpoint = iota
	endCreate
	endList
	endDelete
	endAssociation
	endAssociationByKey
	endAssociations
	endToken
	endCount
)

var endNames = [endCount]string{"other", "POST /associations/relations",
	"GET /associations/relations/{recordId}", "DELETE /associations/relations/{relationId}",
	"GET /associations/{associationId}", "GET /associations/key/{key}", "GET /associations/", "POST /oauth/token"}

// call is a request after reading it.
type call struct {
	end      endpoint
	id       string // the last part of the path, where it names something
	location string
	relation relation // of a create
	wrong    answer   // what is wrong with the request in itself; status 0: nothing
}

// read finds out what a request wants, and from whose allowance.
func read(r *http.Request) call {
	var c call
	c.end, c.id = route(r.Method, r.URL.Path)
	switch c.end {
	case endCreate:
		var ok bool
		var a answer
		if c.relation, a, ok = parseCreate(r); !ok {
			c.wrong = a
		}
		c.location = c.relation.location
	case endToken:
	case endOther:
		c.wrong = problem(http.StatusNotFound, "Cannot "+r.Method+" "+r.URL.Path)
	default:
		c.location = r.URL.Query().Get("locationId")
		if c.location == "" && c.end != endAssociation {
			c.wrong = invalid([]string{"locationId must be a string", "locationId should not be empty"})
		}
	}
	return c
}

func route(method, path string) (endpoint, string) {
	if path == "/oauth/token" && method == http.MethodPost {
		return endToken, ""
	}
	rest, ok := strings.CutPrefix(path, "/associations")
	if !ok {
		return endOther, ""
	}
	if rest == "/relations" && method == http.MethodPost {
		return endCreate, ""
	}
	if id, ok := strings.CutPrefix(rest, "/relations/"); ok && id != "" {
		switch method {
		case http.MethodGet:
			return endList, id
		case http.MethodDelete:
			return endDelete, id
		}
		return endOther, ""
	}
	if method != http.MethodGet || rest == "/relations" {
		return endOther, ""
	}
	if key, ok := strings.CutPrefix(rest, "/key/"); ok && key != "" {
		return endAssociationByKey, key
	}
	if rest == "" || rest == "/" {
		return endAssociations, ""
	}
	if id, ok := strings.CutPrefix(rest, "/"); ok {
		return endAssociation, id
	}
	return endOther, ""
}
