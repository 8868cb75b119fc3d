#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scene-camera.sh: a viewer records a camera. Run by stage.sh, when srtp.ko is loaded.
#
# Two hosts, joined by a cable. One has a camera, GStreamer's RTSP server, which sends
# SRTP and tells the key by MIKEY in RTSP over TLS. On the other mikey-rtsp runs FFmpeg,
# which knows nothing of all that. $OUT has the camera and its film, see Makefile, and
# gets what was recorded, what was on the cable, the step that is being done, and the
# figures.

set -eEuo pipefail

here=$(cd "$(dirname "$0")" && pwd)
PATH=$here/../../rtsp:$here/../../helper:$here:$PATH
exec 2>&1
cd /run/demo

# "$camera COMMAND" is a command on the camera's host.
camera="ip netns exec camera"
viewer="ip netns exec viewer"
a=10.0.0.1
b=10.0.0.2
first=camera second=viewer
port=8322
url=rtsps://$a:$port/cam
# What is recorded: five of eight seconds.
frames=50
. "$here/steps.sh"

keep()
{
	cp -f ./*.mkv ./*.pcap "$OUT"
}

make_certificate()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=camera -addext subjectAltName=IP:$a -keyout key.pem -out cert.pem \
		2>openssl.log
}

switch_on()
{
	$camera "$OUT/camera" "$OUT/film.mkv" cert.pem key.pem $a $port >camera.log 2>&1 &
	server=$!
	await 60 grep -x listening camera.log
}

# FFmpeg ends by itself when it has all that it is to record.
view()
{
	$viewer timeout 240 mikey-rtsp --ca cert.pem $url -- \
		ffmpeg -nostdin -v error -protocol_whitelist file,udp,rtp \
		-sdp_flags rtcp_to_source -i {} -map 0 -c copy \
		-frames:v $frames record.mkv >viewer.log 2>&1
	text <viewer.log
	grep -q 'model a' viewer.log
	[ -z "$($viewer mikey-helper show)" ]
}

compare()
{
	read -r pictures octets < <(film.py record.mkv "$OUT" $frames)
	echo "$pictures pictures, all different, and $octets octets of sound: identical" | text
}

judge()
{
	end_record
	only_srtp.py cable.pcap $b "$OUT/film.h264" "$OUT/sound.ul" >count.txt
	echo "$(stat -c %s cable.pcap) octets recorded: no 16 octets of the film are among them," \
		"and no RTSP" | text
	echo "$pictures pictures, $((octets / 8000)) seconds of sound, $(cat count.txt) packets," \
		"Linux $(uname -r)" >"$OUT/figures"
}

step "Linux $(uname -r) has srtp.ko loaded"
step "two hosts, camera $a and viewer $b, are joined by a cable (namespaces and a veth)"
connect
step "mallory has got at the cable and records all that passes (tcpdump)"
record
step "the camera has a certificate, which the viewer knows"
make_certificate
step "camera: GStreamer's RTSP server, RTP/SAVP and TLS, at $url"
switch_on
step "viewer: mikey-rtsp --ca cert.pem $url -- ffmpeg -i {} -c copy record.mkv"
view
step "record.mkv has the pictures and the sound that the camera sent"
compare
step "the whole capture has nothing to see"
judge
keep
kill $server
