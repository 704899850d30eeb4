module databases

go 1.21

require github.com/maxmind/mmdbwriter v1.0.0

require (
	github.com/oschwald/maxminddb-golang v1.12.0 // indirect
	go4.org/netipx v0.0.0-20220812043211-3cc044ffd68d // indirect
	golang.org/x/sys v0.10.0 // indirect
)
