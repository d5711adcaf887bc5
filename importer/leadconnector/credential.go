package leadconnector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// version is the value of the Version header on every call (D).
const version = "2021-07-28"

// defaultUserAgent is sent where none is set: the edge answers 403 "Error 1010"
// to some libraries' own ones (S).
const defaultUserAgent = "relink"

// A credential is what all calls with one token share.
type credential struct {
	token      Token
	generation int
	read       http.Header // of calls without a body
	write      http.Header // of calls with one
	create     *url.URL
}

// Format keeps the headers, which fmt would print, to itself.
func (c *credential) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, hidden) }

// credential gives the current one. The headers are built once for each token
// and not once for each call.
func (c *Client) credential(ctx context.Context) (*credential, error) {
	token, generation, err := c.Tokens.Token(ctx)
	if err != nil {
		return nil, err
	}
	if token.reveal() == "" {
		return nil, errors.New("there is no token")
	}
	if known := c.current.Load(); known != nil && known.token == token && known.generation == generation {
		return known, nil
	}
	agent := c.UserAgent
	if agent == "" {
		agent = defaultUserAgent
	}
	read := http.Header{
		"Authorization": {"Bearer " + token.reveal()},
		"Version":       {version},
		"Accept":        {"application/json"},
		"User-Agent":    {agent},
	}
	write := read.Clone()
	// Not on calls without a body: some servers answer 400 to an empty JSON.
	write.Set("Content-Type", "application/json")
	made := &credential{
		token: token, generation: generation, read: read, write: write,
		create: under(c.Base, "/associations/relations", "", ""),
	}
	c.current.Store(made)
	return made, nil
}
