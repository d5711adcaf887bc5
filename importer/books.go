package importer

// Books are the counts of one import, or of several. They always balance:
//
//	Rows     = Distinct + Repeated + Rejected
//	Distinct = Created + Existing + Failed + Pending + Sending + Undone
type Books struct {
	Rows     int64 // data lines
	Distinct int64 // pairs, each counted once
	Repeated int64 // lines that name a pair of an earlier line
	Rejected int64 // lines that name no pair

	Created, Existing, Failed, Pending, Sending, Undone int64
}

// Balanced reports whether both sums hold.
func (b Books) Balanced() bool {
	return b.Rows == b.Distinct+b.Repeated+b.Rejected &&
		b.Distinct == b.Created+b.Existing+b.Failed+b.Pending+b.Sending+b.Undone
}

// Add returns the sum of b and other.
func (b Books) Add(other Books) Books {
	b.Rows += other.Rows
	b.Distinct += other.Distinct
	b.Repeated += other.Repeated
	b.Rejected += other.Rejected
	b.Created += other.Created
	b.Existing += other.Existing
	b.Failed += other.Failed
	b.Pending += other.Pending
	b.Sending += other.Sending
	b.Undone += other.Undone
	return b
}

// Left is how many pairs still have to be sent.
func (b Books) Left() int64 { return b.Pending + b.Sending }
