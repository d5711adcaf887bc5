package leadconnector

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// ParseBase reads the address of the service, such as
// "https://services.leadconnectorhq.com" (D), without its trailing slash.
//
// It takes https anywhere and plain http for loopback addresses alone
// (localhost, 127.0.0.0/8, ::1), and refuses user, password, query and fragment.
// Its errors never repeat the address where that may hold a secret.
func ParseBase(address string) (*url.URL, error) {
	address = strings.TrimSpace(address)
	u, err := url.Parse(address)
	if err != nil {
		// url.Error repeats the whole address, password and all.
		var detail *url.Error
		if errors.As(err, &detail) && !strings.Contains(address, "@") {
			err = detail.Err
		} else {
			err = errors.New("it is no URL")
		}
		return nil, fmt.Errorf("reading the service's address: %w", err)
	}
	switch {
	case u.User != nil:
		return nil, errors.New("reading the service's address: a user or password in it is not used, and would end up in logs: leave it out")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("reading the service's address: it must begin with https://")
	case u.Opaque != "" || u.Hostname() == "":
		return nil, errors.New("reading the service's address: it names no host")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(address, "#"):
		return nil, errors.New("reading the service's address: nothing may follow its path, neither ? nor #")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, fmt.Errorf("reading the service's address: over plain http the token would travel in the open to %s: use https:// (http:// is for loopback addresses alone)", u.Host)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// loopback reports whether the host is this machine by its name alone: a name
// that merely resolves to 127.0.0.1 today may resolve elsewhere tomorrow.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// under is the address of a path below base. Its last element, an id of any
// characters, is escaped; the parts before it are taken as they are.
func under(base *url.URL, path, id, query string) *url.URL {
	u := *base
	u.Path = base.Path + path + id
	u.RawPath = base.EscapedPath() + path + url.PathEscape(id)
	u.RawQuery = query
	return &u
}
