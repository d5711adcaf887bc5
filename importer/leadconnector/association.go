package leadconnector

import (
	"context"
	"net/http"
	"net/url"

	"relink/importer"
)

// An Association is a kind of link between two objects (D, S). Its texts are
// cleaned like those of a Reply.
type Association struct {
	ID               string `json:"id"`
	Key              string `json:"key"`
	FirstObjectKey   string `json:"firstObjectKey"`
	FirstObjectLabel string `json:"firstObjectLabel"`

	SecondObjectKey   string `json:"secondObjectKey"`
	SecondObjectLabel string `json:"secondObjectLabel"`

	Type     string `json:"associationType"`
	Location string `json:"locationId"`
}

// Association finds one by its id: GET /associations/{associationId} (D, S). One
// of another location counts as not found: importer.Rejected with
// importer.CauseNotFound, as does a 404.
func (c *Client) Association(ctx context.Context, location, id string) (Association, importer.Reply, error) {
	if err := checkID(id); err != nil {
		return Association{}, importer.Reply{Cause: err.Cause, Message: err.Message}, err
	}
	a, reply, err := c.association(ctx, under(c.Base, "/associations/", id, ""))
	if err == nil && a.Location != "" && a.Location != location {
		reply.Cause, reply.Message = importer.CauseNotFound, "the association belongs to another location, "+a.Location
		return Association{}, reply, &Error{
			Status: reply.Status, Class: importer.Rejected, Cause: reply.Cause, Message: reply.Message,
			advice: "an association id is only good in its own sub-account: check --association and --location",
		}
	}
	return a, reply, err
}

// AssociationByKey finds one by its key: GET /associations/key/{key}?locationId=
// (S). A missing one is importer.Rejected with importer.CauseNotFound, whether
// the service says 404 or 400 with "not found" (C).
func (c *Client) AssociationByKey(ctx context.Context, location, key string) (Association, importer.Reply, error) {
	if err := checkID(key); err != nil {
		return Association{}, importer.Reply{Cause: err.Cause, Message: err.Message}, err
	}
	return c.association(ctx, under(c.Base, "/associations/key/", key, url.Values{"locationId": {location}}.Encode()))
}

// Associations lists the first hundred of a location: GET
// /associations/?locationId=&skip=0&limit=100. The shape is one that public
// clients document (C) and that api.md does not vouch for: good for naming the
// choices in an error message, and for nothing else.
func (c *Client) Associations(ctx context.Context, location string) ([]Association, importer.Reply, error) {
	query := url.Values{"locationId": {location}, "skip": {"0"}, "limit": {"100"}}
	var page struct {
		Associations []Association `json:"associations"`
	}
	token, reply, err := c.get(ctx, under(c.Base, "/associations/", "", query.Encode()), &page)
	if err != nil {
		return nil, reply, err
	}
	if page.Associations == nil {
		return nil, reply, unreadable(&reply, "the answer holds no list of associations")
	}
	for i := range page.Associations {
		page.Associations[i].clean(token)
	}
	return page.Associations, reply, nil
}

// association makes a GET that answers with one association.
func (c *Client) association(ctx context.Context, u *url.URL) (Association, importer.Reply, error) {
	var a Association
	token, reply, err := c.get(ctx, u, &a)
	if err != nil {
		return Association{}, reply, err
	}
	a.clean(token)
	if a.ID == "" {
		return Association{}, reply, unreadable(&reply, http.StatusText(reply.Status)+", but the answer holds no association")
	}
	return a, reply, nil
}

func (a *Association) clean(token Token) {
	for _, text := range []*string{
		&a.ID, &a.Key, &a.FirstObjectKey, &a.FirstObjectLabel,
		&a.SecondObjectKey, &a.SecondObjectLabel, &a.Type, &a.Location,
	} {
		*text = clean(*text, token, maxMessage)
	}
}
