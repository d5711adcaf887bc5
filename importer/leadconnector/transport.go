package leadconnector

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"
)

// errProxy replaces the error of the environment's proxy settings, which repeats
// them, password and all.
var errProxy = errors.New("the proxy that HTTPS_PROXY or HTTP_PROXY names is no URL")

// NewHTTP makes the client for so many workers: it keeps a connection open for
// each, verifies certificates, and speaks HTTP/1.1, which is faster here than
// HTTP/2 (measured: a quarter). It has no timeout for a whole call: the call's
// context has. A redirect is not followed but for a GET within the same host,
// so that no other host sees the token and no POST is made twice.
func NewHTTP(workers int) *http.Client {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Client{
		CheckRedirect: checkRedirect,
		Transport: &http.Transport{
			Proxy:       quietly(http.ProxyFromEnvironment),
			DialContext: (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			Protocols:   &protocols,
			TLSClientConfig: &tls.Config{
				MinVersion: tls.VersionTLS12,
				// Reconnecting many workers after an outage is cheaper with it.
				ClientSessionCache: tls.NewLRUClientSessionCache(0),
			},
			TLSHandshakeTimeout: 10 * time.Second,
			IdleConnTimeout:     90 * time.Second,
			// The default of 2 would dial anew for nearly every call.
			MaxIdleConnsPerHost:    max(workers, 1),
			MaxResponseHeaderBytes: 64 << 10,
			// Answers are small; unpacked ones would need a bound of their own.
			DisableCompression: true,
		},
	}
}

// checkRedirect follows a GET within its host, at most three times. Every other
// 3xx is handed back as the answer that it is.
func checkRedirect(next *http.Request, via []*http.Request) error {
	from := via[0]
	if from.Method != http.MethodGet || len(via) > 3 ||
		next.URL.Scheme != from.URL.Scheme || next.URL.Host != from.URL.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

// quietly asks for the proxy of a request and keeps its settings to itself.
func quietly(find func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	return func(req *http.Request) (*url.URL, error) {
		u, err := find(req)
		if err != nil {
			return nil, errProxy
		}
		return u, nil
	}
}
