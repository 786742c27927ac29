# The course with everything it needs, for Codespaces, and to grade where there is no Linux.
#
#     docker build -t course .
#     docker run --rm -p 127.0.0.1:8888:8888 course          # JupyterLab, in the folder of exercises
#     docker run --rm --network none --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
#         -v "$PWD/term:/term" course coursekit grade /term/submitted --out /term/grades --assignment 01
#
# The grader makes a sandbox of its own within the container, from user namespaces; Docker's default profiles forbid
# them, hence the two options (`coursekit doctor` says whether they are enough). At run time nothing needs a network.
FROM python:3.12-slim-trixie

# What `tools/setup system` looks for, and what the Makefile needs. The versions are Debian's, with its security updates.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends bubblewrap chromium fonts-dejavu-core git libatomic1 make util-linux \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 1000 --create-home learner \
 && install -d -o learner -g learner /course /opt/coursekit-data

ENV COURSEKIT_DATA=/opt/coursekit-data \
    PATH=/course/.venv/bin:$PATH \
    PIP_NO_CACHE_DIR=1

# Files get their owner as they are made: changing it afterwards would store all 6 GB twice.
USER 1000
WORKDIR /course

# The environment only changes with this file: an edited chapter does not install PyTorch again.
COPY --chown=1000 requirements.txt ./
RUN python -m venv .venv && .venv/bin/python -m pip install --disable-pip-version-check --requirement requirements.txt

COPY --chown=1000 . .
RUN make setup

EXPOSE 8888
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--port=8888", "--no-browser", "exercises"]
