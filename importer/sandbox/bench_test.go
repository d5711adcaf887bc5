package sandbox

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// BenchmarkCreate has a client that writes bytes and reads bytes, so that the
// figure is the sandbox's own; BenchmarkCreateClient has net/http's.
func BenchmarkCreate(b *testing.B) {
	for _, folder := range []bool{false, true} {
		b.Run(fmt.Sprintf("folder=%v", folder), func(b *testing.B) {
			config := Config{Limit: free}
			if folder {
				config.Dir = b.TempDir()
			}
			s := start(b, config)
			var next atomic.Int64
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
				if err != nil {
					b.Error(err)
					return
				}
				defer c.Close()
				in := bufio.NewReader(c)
				for pb.Next() {
					body := pair("ve9EPM428h8vShlRW1KT", fmt.Sprintf("%020d", next.Add(1)), "6639a3b1c5b0f20d6ae3c0f1")
					fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\nVersion: %s\r\n"+
						"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", create, version, len(body), body)
					if status, err := skipAnswer(in); err != nil || status != "201" {
						b.Errorf("got %q, %v", status, err)
						return
					}
				}
			})
			report(b)
		})
	}
}

func skipAnswer(in *bufio.Reader) (status string, err error) {
	length := 0
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return status, err
		}
		if first {
			status = string(line[9:12])
		}
		if len(line) == 2 {
			_, err = in.Discard(length)
			return status, err
		}
		if rest, ok := strings.CutPrefix(string(line), "Content-Length: "); ok {
			fmt.Sscan(rest, &length)
		}
	}
}

func BenchmarkCreateClient(b *testing.B) {
	s := start(b, Config{Limit: free})
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	var next atomic.Int64
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			body := pair("ve9EPM428h8vShlRW1KT", fmt.Sprintf("%020d", next.Add(1)), "6639a3b1c5b0f20d6ae3c0f1")
			r, _ := http.NewRequest("POST", s.url+create, strings.NewReader(body))
			r.Header = http.Header{"Authorization": {"Bearer t"}, "Version": {version}, "Content-Type": {"application/json"}}
			got, err := client.Do(r)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, got.Body)
			got.Body.Close()
		}
	})
	report(b)
}

// BenchmarkHandler is the sandbox without the network.
func BenchmarkHandler(b *testing.B) {
	s, err := New(Config{Limit: free, Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", create, nil)
	r.Header = http.Header{"Authorization": {"Bearer t"}, "Version": {version}, "Content-Type": {"application/json"}}
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		body := pair("ve9EPM428h8vShlRW1KT", fmt.Sprintf("%020d", n), "6639a3b1c5b0f20d6ae3c0f1")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		w.Body.Reset()
		s.ServeHTTP(w, r)
	}
	report(b)
}

// BenchmarkMemory tells the bytes that a million relations take, and that a
// first list adds.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		s, err := New(Config{Limit: free})
		if err != nil {
			b.Fatal(err)
		}
		before := heap()
		for i := range 1_000_000 {
			r := relation{"ve9EPM428h8vShlRW1KT", "as", fmt.Sprintf("%020d", i), fmt.Sprintf("%024d", i/2)}
			if _, _, err := s.store.create(r, s.clock.now()); err != nil {
				b.Fatal(err)
			}
		}
		stored := heap()
		if _, _, err := s.store.list(query{limit: 1}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(stored-before)/1e6, "MB-stored")
		b.ReportMetric(float64(heap()-stored)/1e6, "MB-index")
		s.Close()
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func report(b *testing.B) { b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s") }
