# The program with its models and runtime, for clusters and for machines without Rust.
#
#   docker build -t spasmograph .
#   docker run --rm -v "$PWD:/data" spasmograph batch clips --out cohort

FROM rust:1-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      clang libavcodec-dev libavformat-dev libavutil-dev libclang-dev libopencv-dev \
      libswscale-dev pkg-config python3 python3-pip \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
# Models and runtime are pinned by hash; nothing that differs is kept.
RUN python3 models/fetch.py
RUN cargo build --release --locked \
 && install -D target/release/spasmograph /image/bin/spasmograph \
 && mkdir /image/models \
 && cp models/*.tflite models/libLiteRt.* models/manifest.json /image/models/

FROM debian:bookworm-slim
# libgomp and libstdc++ come along with OpenCV.
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      libavcodec59 libavformat59 libavutil57 libopencv-imgproc406 libopencv-video406 \
      libopencv-videoio406 libswscale6 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /image/bin/spasmograph /usr/local/bin/spasmograph
COPY --from=build /image/models /usr/local/share/spasmograph/models
ENV SPASMOGRAPH_MODELS=/usr/local/share/spasmograph/models
WORKDIR /data
ENTRYPOINT ["spasmograph"]
