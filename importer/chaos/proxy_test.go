//go:build unix

package chaos

import (
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
)

// A proxy stands between relink and a server, to cut what passes through it.
type proxy struct {
	listener net.Listener
	target   string
	dial     func(network, address string) (net.Conn, error)

	mu    sync.Mutex
	conns map[net.Conn]bool
	done  sync.WaitGroup
}

func newProxy(t testing.TB, c *cluster) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveProxy(t, listener, fmt.Sprintf("%s:%d", c.host, c.port))
}

// serveProxy passes on what comes to a listener.
func serveProxy(t testing.TB, listener net.Listener, target string) *proxy {
	return serveProxyBy(t, listener, target, net.Dial)
}

// serveProxyBy is serveProxy with another way to the target.
func serveProxyBy(t testing.TB, listener net.Listener, target string, dial func(network, address string) (net.Conn, error)) *proxy {
	t.Helper()
	p := &proxy{listener: listener, target: target, dial: dial, conns: map[net.Conn]bool{}}
	p.done.Go(p.serve)
	t.Cleanup(func() {
		listener.Close()
		p.cut()
		p.done.Wait()
	})
	return p
}

func (p *proxy) serve() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		far, err := p.dial("tcp", p.target)
		if err != nil {
			near.Close()
			continue
		}
		p.mu.Lock()
		p.conns[near], p.conns[far] = true, true
		p.mu.Unlock()
		p.done.Go(func() { p.pass(near, far) })
		p.done.Go(func() { p.pass(far, near) })
	}
}

func (p *proxy) pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	to.Close()
	from.Close()
	p.mu.Lock()
	delete(p.conns, to)
	delete(p.conns, from)
	p.mu.Unlock()
}

// cut ends every connection at both of its ends.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		conn.Close()
	}
}

// dsn is the server's as seen through the proxy.
func (p *proxy) dsn(database string) string {
	at := p.listener.Addr().(*net.TCPAddr)
	return fmt.Sprintf("host=127.0.0.1 port=%d user=relink sslmode=disable dbname=%s", at.Port, database)
}
