# Every program of the suite in one image; the command names the one to run, for example Evidence/release/Evidence.
FROM mcr.microsoft.com/dotnet/sdk:10.0.100-noble AS build
WORKDIR /src
COPY . .
RUN dotnet publish Programs.slnf -c Release --nologo -v quiet

FROM mcr.microsoft.com/dotnet/aspnet:10.0.0-noble
RUN apt-get update \
    && apt-get install -y --no-install-recommends curl fonts-wqy-microhei liblmdb0 libsecp256k1-1 weasyprint \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o app -g app /data /data/chain /data/anchor /data/service
COPY --from=build /src/artifacts/publish /app
COPY --from=build /src/contracts-sol/build /app/contracts
COPY --chmod=0755 scripts/compose-init.sh /app/compose-init.sh
USER app
WORKDIR /app
