package checkpoint

import (
	"crypto/sha256"
	"encoding/binary"

	"relink/importer"
)

// hash is the identity of a relation at a target: the first 128 bits of a
// SHA-256 over the five texts, each with its length before it, so that no two
// different relations run together. A collision among ten million pairs has a
// chance of about 10⁻²⁵.
func (h *hasher) hash(target string, r importer.Relation) [16]byte {
	h.buf = h.buf[:0]
	for _, s := range [...]string{target, r.Location, r.Association, r.First, r.Second} {
		h.buf = binary.AppendUvarint(h.buf, uint64(len(s)))
		h.buf = append(h.buf, s...)
	}
	sum := sha256.Sum256(h.buf)
	return [16]byte(sum[:16])
}

// A hasher reuses one buffer; its zero value is ready.
type hasher struct{ buf []byte }
