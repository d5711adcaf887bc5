package leadconnector

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"relink/importer"
)

const maxRelationID = 128 // bytes; seen are 24

// A Link is a relation as the service lists it (C): under both of its records.
// Its texts are cleaned like those of a Reply.
type Link struct {
	ID          string `json:"id"`
	Association string `json:"associationId"`
	First       string `json:"firstRecordId"`
	Second      string `json:"secondRecordId"`
}

// creation is the body of a create call: exactly these four strings (D).
// locationId stands here only; as a query parameter it gives 422 (S).
type creation struct {
	Location    string `json:"locationId"`
	Association string `json:"associationId"`
	First       string `json:"firstRecordId"`
	Second      string `json:"secondRecordId"`
}

// created is what of a 2xx body is looked at.
type created struct {
	ID       string   `json:"id"`
	First    string   `json:"firstRecordId"`
	TraceID  string   `json:"traceId"`
	Relation *created `json:"relation"`
}

// Create makes the relation: POST /associations/relations (D).
//
// A nil error means any 2xx, whatever its body. Reply.RelationID is set only if
// the body tells the relation's own id for certain: the relation that clients
// see (C), bare or under "relation". The documented body (D) has an "id" too,
// which may be the association's, and to undo by that would delete another
// thing; so a bare id counts only beside a firstRecordId, which must be one of
// the pair, and never if it is the associationId that was sent.
//
// The same pair twice is importer.Duplicate.
func (c *Client) Create(ctx context.Context, r importer.Relation) (importer.Reply, error) {
	body, err := json.Marshal(creation(r))
	if err != nil {
		reply, _, err := unsent(importer.Rejected, err)
		return reply, err
	}
	reply, got, err := c.do(ctx, call{method: http.MethodPost, body: body, limit: maxAnswer})
	if err != nil {
		return reply, err
	}
	defer giveBack(got.body)
	var told created
	// Fields of another type are left empty, and what is no JSON leaves all so.
	_ = json.Unmarshal(*got.body, &told)
	reply.RelationID = relationID(told, r, got.token)
	if told.Relation != nil && told.TraceID == "" {
		told.TraceID = told.Relation.TraceID
	}
	reply.TraceID = clean(told.TraceID, got.token, maxTraceID)
	return reply, nil
}

// relationID is the id that surely is the new relation's, or "".
func relationID(told created, r importer.Relation, token Token) string {
	if told.Relation != nil {
		told = *told.Relation
	} else if told.First == "" {
		return ""
	}
	id := told.ID
	switch {
	case id == "" || id == r.Association:
		return ""
	case told.First != "" && told.First != r.First && told.First != r.Second:
		return "" // of some other relation
	case strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != "":
		return ""
	case clean(id, token, maxRelationID) != id: // too long, or the token
		return ""
	}
	return id
}

// Delete removes a relation by its own id: DELETE
// /associations/relations/{relationId}?locationId= (D), answered by 200. One that
// is not there gives 404: importer.Rejected with importer.CauseNotFound, which
// the caller may take for done.
func (c *Client) Delete(ctx context.Context, location, relationID string) (importer.Reply, error) {
	if err := checkID(relationID); err != nil {
		return importer.Reply{Cause: err.Cause, Message: err.Message}, err
	}
	reply, got, err := c.do(ctx, call{
		method: http.MethodDelete,
		url:    under(c.Base, "/associations/relations/", relationID, url.Values{"locationId": {location}}.Encode()),
		limit:  maxAnswer,
	})
	if err != nil {
		return reply, err
	}
	giveBack(got.body)
	return reply, nil
}

// List gives a page of a record's relations, those of the associations named or
// all, and how many there are on all pages: GET
// /associations/relations/{recordId}?locationId=&skip=&limit= (C). 100 is the
// largest page. What is missing in it is no proof that it is not there: reads
// lag behind writes (C).
//
// A 2xx that is no such list is an error of class Doubt.
func (c *Client) List(ctx context.Context, location, record string, associations []string, skip, limit int) (links []Link, total int, reply importer.Reply, err error) {
	if err := checkID(record); err != nil {
		return nil, 0, importer.Reply{Cause: err.Cause, Message: err.Message}, err
	}
	query := url.Values{
		"locationId": {location}, "skip": {strconv.Itoa(skip)}, "limit": {strconv.Itoa(limit)},
	}
	if len(associations) > 0 {
		query["associationIds"] = associations
	}
	var page struct {
		Relations []Link `json:"relations"`
		Total     *int   `json:"total"`
	}
	token, reply, err := c.get(ctx, under(c.Base, "/associations/relations/", record, query.Encode()), &page)
	if err != nil {
		return nil, 0, reply, err
	}
	if page.Relations == nil && (page.Total == nil || *page.Total != 0) {
		// {} must not pass for "has no relations".
		return nil, 0, reply, unreadable(&reply, "the answer holds no list of relations")
	}
	for i := range page.Relations {
		l := &page.Relations[i]
		for _, text := range []*string{&l.ID, &l.Association, &l.First, &l.Second} {
			*text = clean(*text, token, maxMessage)
		}
	}
	total = len(page.Relations)
	if page.Total != nil {
		total = *page.Total
	}
	return page.Relations, total, reply, nil
}

// get makes a GET and decodes its answer.
func (c *Client) get(ctx context.Context, u *url.URL, into any) (Token, importer.Reply, error) {
	reply, got, err := c.do(ctx, call{method: http.MethodGet, url: u, limit: maxPage})
	if err != nil {
		return Token{}, reply, err
	}
	defer giveBack(got.body)
	if !got.whole {
		return Token{}, reply, unreadable(&reply, "the answer was cut off")
	}
	if err := json.Unmarshal(*got.body, into); err != nil {
		return Token{}, reply, unreadable(&reply, "the answer is not the JSON that was expected")
	}
	return got.token, reply, nil
}

// unreadable is the Error of a 2xx read whose body does not say what was asked.
func unreadable(reply *importer.Reply, message string) *Error {
	reply.Message = message
	return &Error{Status: reply.Status, Class: importer.Doubt, Message: message}
}

// checkID stops an id that would make another address of the path: without one
// a DELETE would name the whole collection.
func checkID(id string) *Error {
	if id != "" && id != "." && id != ".." {
		return nil
	}
	return &Error{Class: importer.Rejected, Cause: importer.CauseBadRequest, Message: "not asked: the id is missing or no id"}
}
