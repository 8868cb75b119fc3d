#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# viewer-scene.sh: GStreamer plays what the installed mikey-rtsp serves, with keys of
# its own. Runs as root in a guest whose tree has nothing of the sources; rekeying.py is
# bob's viewer, and an unmodified GStreamer is what alice sends with.
#
# Prints KTAP.

set -uo pipefail

. /srv/ktap.sh
. /srv/hosts.sh
cd /tmp
octets=160000		# twenty seconds: renewals take less, on a slow machine too
keys=4

# No 16 octets of it come twice.
make_sound()
{
	seq -f "sound, piece %08.0f " 1 $((octets / 22 + 1)) | tr -d '\n' | head -c $octets >sound &&
	printf '%s\r\n' v=0 "o=- 0 0 IN IP4 192.0.2.1" s=- "t=0 0" "m=audio 0 RTP/AVP 0" >sound.sdp &&
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=alice -keyout key.pem -out cert.pem
}

serve()
{
	become alice mikey-rtsp serve --model b --certificate cert.pem --key key.pem \
		--sdp sound.sdp --listen 192.0.2.1:8322 sound -- \
		gst-launch-1.0 -q filesrc location=sound blocksize=160 ! \
			rawaudioparse format=mulaw sample-rate=8000 num-channels=1 ! \
			rtppcmupay max-ptime=20000000 ! \
			udpsink host={host} port={rtp1} bind-port={from1} >serve.log 2>&1 &
	server=$!
	ktap_wait 60 grep -q listening serve.log || { cat serve.log; return 1; }
}

play()
{
	on bob /srv/rekeying.py rtsps://192.0.2.1:8322/sound heard $octets $keys ||
		{ cat serve.log; ls -l heard; return 1; }
}

# Those of RTP, in the order in which they came: before the tag of ten octets.
keys_on_the_cable()
{
	(cd /srv && python3 -c '
import cable
seen = []
for datagram in cable.datagrams("/tmp/cable.pcap"):
    packet = datagram.payload
    if datagram.to == "192.0.2.2" and packet[:1] == b"\x80" and packet[1] & 127 == 0:
        mki = int.from_bytes(packet[-14:-10], "big")
        if mki not in seen:
            seen.append(mki)
print(*seen)')
}

only_ciphertext()
{
	end_record && [ "$(stat -c %s cable.pcap)" -gt $octets ] && ! grep -aq "piece 0000" cable.pcap
}

end_server()
{
	kill $server && wait $server
}

ktap_begin
ktap_note "$(gst-launch-1.0 --version | tail -n +2 | head -n 1)"
ktap_check "packages: modprobe srtp" modprobe srtp
ktap_check "packages: two hosts" hosts
ktap_check "packages: a sound, and a certificate" make_sound
ktap_check "packages: what is on the cable is recorded" record
ktap_check "packages: mikey-rtsp serves, and GStreamer would send" serve
ktap_check "packages: GStreamer's rtspsrc plays it, with $keys keys of its own" play
ktap_check "packages: octet for octet what was sent" cmp sound heard
ktap_check "packages: the recording has ciphertext only" only_ciphertext
ktap_equal "packages: with all the keys, one after the other" "$(seq -s ' ' $keys)" \
	"$(keys_on_the_cable)"
ktap_check "packages: the server ends" end_server
ktap_end
