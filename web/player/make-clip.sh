#!/bin/sh
# Makes the films that the player page shows: a content clip of 90 s and two advertisements of 5 s.
# They are drawn from nothing by ffmpeg, so they are ours to ship. The results are kept in public/,
# and this script only needs to run again when their looks change.
#
# Needs: ffmpeg with libx264, aac and drawtext; the DejaVu fonts.
set -eu
cd "$(dirname "$0")/public"

fonts=/usr/share/fonts/truetype/dejavu
bold="fontfile=$fonts/DejaVuSans-Bold.ttf:fontcolor=white"
sans="fontfile=$fonts/DejaVuSans.ttf:fontcolor=white"
mono="fontfile=$fonts/DejaVuSansMono-Bold.ttf:fontcolor=white"
h264="-c:v libx264 -preset veryslow -pix_fmt yuv420p -profile:v main -movflags +faststart"
aac="-c:a aac -ac 1 -ar 44100 -b:a 48k"
quiet="-hide_banner -loglevel error -y -nostdin"

# A slow gradient with a clock, a progress line and four chapters; a soft chord that breathes.
content_s=90
ffmpeg $quiet \
  -f lavfi -i "gradients=s=640x360:r=24:d=$content_s:n=4:seed=7:speed=0.012:c0=0x0f2027:c1=0x2c5364:c2=0x3a1c71:c3=0x1d4350" \
  -f lavfi -i "aevalsrc='0.05*(sin(2*PI*220*t)+sin(2*PI*277.18*t)+0.7*sin(2*PI*329.63*t))*(0.6+0.4*sin(2*PI*t/8))*min(1,t/2)*min(1,(90-t)/2)':s=44100:d=$content_s" \
  -f lavfi -i "color=c=white@0.9:s=640x4:r=24:d=$content_s" \
  -filter_complex "[0:v]\
drawbox=x=0:y=292:w=640:h=68:color=black@0.35:t=fill,\
drawtext=$bold:text='Ninety Seconds of Light':fontsize=34:x=(w-tw)/2:y=92,\
drawtext=$sans:text='a test film':fontsize=17:alpha=0.75:x=(w-tw)/2:y=136,\
drawtext=$mono:text='%{pts\:hms}':fontsize=44:x=(w-tw)/2:y=184,\
drawtext=$sans:text='I  Dawn':fontsize=18:x=24:y=318:enable='lt(t,22.5)',\
drawtext=$sans:text='II  Morning':fontsize=18:x=24:y=318:enable='between(t,22.5,45)',\
drawtext=$sans:text='III  Noon':fontsize=18:x=24:y=318:enable='between(t,45,67.5)',\
drawtext=$sans:text='IV  Dusk':fontsize=18:x=24:y=318:enable='gte(t,67.5)',\
drawtext=$sans:text='ninety seconds, then the end':fontsize=14:alpha=0.7:x=w-tw-24:y=321\
[film];[film][2:v]overlay=x='-640+640*t/$content_s':y=288[v]" \
  -map '[v]' -map 1:a -t $content_s -r 24 $h264 -crf 27 -g 48 $aac \
  -metadata title='Ninety Seconds of Light' clip.mp4

# advertisement FILE COLOUR HEADLINE LINE TONE: a colour card with a headline; its countdown is drawn by the page.
advertisement() {
  ffmpeg $quiet \
    -f lavfi -i "color=c=$2:s=640x360:r=24:d=5" \
    -f lavfi -i "aevalsrc='0.05*sin(2*PI*$5*t)*(0.5+0.5*sin(2*PI*2*t))*min(1,t/0.2)*min(1,(5-t)/0.4)':s=44100:d=5" \
    -f lavfi -i "color=c=white:s=640x6:r=24:d=5" \
    -filter_complex "[0:v]\
drawtext=$bold:text='$3':fontsize=46:x=(w-tw)/2:y=128,\
drawtext=$sans:text='$4':fontsize=20:alpha=0.9:x=(w-tw)/2:y=194[card];\
[card][2:v]overlay=x='-640+640*t/5':y=354[v]" \
    -map '[v]' -map 1:a -t 5 -r 24 $h264 -crf 26 $aac "$1"
}
advertisement ad-1.mp4 0xb45309 'Fresh Coffee' 'Ad 1 of 2' 392
advertisement ad-2.mp4 0x047857 'Slow Trains' 'Ad 2 of 2' 330

ls -l clip.mp4 ad-1.mp4 ad-2.mp4
