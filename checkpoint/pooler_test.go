package checkpoint_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"relink/checkpoint"
)

// TestPoolerIsRefused: a proxy in between announces a process id of its own, as
// connection poolers do.
func TestPoolerIsRefused(t *testing.T) {
	dsn := newDatabase(t)
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(config.Host, "/") {
		t.Skip("the test server is not on a Unix socket")
	}
	dir, err := os.MkdirTemp("", "pooler")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go pool(client, filepath.Join(config.Host, ".s.PGSQL.5432"))
		}
	}()
	_, err = checkpoint.Open(context.Background(), strings.Replace(dsn, "host="+config.Host, "host="+dir, 1), "https://a")
	if err == nil || !strings.Contains(err.Error(), "connection pooler") {
		t.Errorf("err = %v, want one that speaks of a connection pooler", err)
	}
}

// pool passes everything on, but for the process id of BackendKeyData.
func pool(client net.Conn, socket string) {
	defer client.Close()
	server, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer server.Close()
	go io.Copy(server, client)
	for {
		head := make([]byte, 5)
		if _, err := io.ReadFull(server, head); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
		if _, err := io.ReadFull(server, body); err != nil {
			return
		}
		if head[0] == 'K' {
			binary.BigEndian.PutUint32(body, binary.BigEndian.Uint32(body)+1)
		}
		if _, err := client.Write(append(head, body...)); err != nil {
			return
		}
	}
}
