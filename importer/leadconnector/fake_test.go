package leadconnector

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"relink/importer"
)

var pair = importer.Relation{Location: "loc1", Association: "asc1", First: "rec1", Second: "rec2"}

// A doerFunc is a Doer without a server.
type doerFunc func(*http.Request) (*http.Response, error)

func (f doerFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// answering always gives one answer.
func answering(status int, body string) Doer {
	return doerFunc(func(*http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status,
			Header:     http.Header{"Content-Type": {typeJSON}},
			Body:       io.NopCloser(strings.NewReader(body)),
		}, nil
	})
}

// failing never gets anywhere, and tells nothing of how far it came.
func failing(err error) Doer {
	return doerFunc(func(*http.Request) (*http.Response, error) { return nil, err })
}

// classOf is importer.ClassOf, but never a class for nil.
func classOf(err error) importer.Class {
	if err == nil {
		return 255
	}
	return importer.ClassOf(err)
}

// serve gives a client of a server.
func serve(t testing.TB, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return clientOf(t, server.URL)
}

func clientOf(t testing.TB, address string) *Client {
	t.Helper()
	base, err := ParseBase(address)
	if err != nil {
		t.Fatal(err)
	}
	client := NewHTTP(4)
	t.Cleanup(client.CloseIdleConnections)
	return &Client{Base: base, HTTP: client, Tokens: &StaticToken{token: secretToken}, UserAgent: "relink/1.2"}
}

// withAnswer gives a client that always gets one answer.
func withAnswer(status int, body string) *Client {
	base, _ := ParseBase("https://x.example")
	return &Client{Base: base, HTTP: answering(status, body), Tokens: &StaticToken{token: secretToken}}
}
