# Hands a contribution file to a watched folder and waits for the answer. PowerShell 5.1 or later.
#
#   .\drop.ps1 -Inbox \\server\inbox -File C:\payroll\october.txt [-Seconds 120]
#
# Exit code: 0 accepted, or accepted before; 1 something has to be mended, or a person decides; 2 no answer in time.
param(
    [Parameter(Mandatory = $true)][string]$Inbox,
    [Parameter(Mandatory = $true)][string]$File,
    [int]$Seconds = 120
)
$ErrorActionPreference = 'Stop'

$name = [System.IO.Path]::GetFileName($File)
# The answer's name: without .txt; the whole name where it has another ending.
$ending = '.\.[A-Za-z]{1,4}$'
$stem = $name -creplace '\.txt$', ''
if ($stem -ceq $name -or $stem -match $ending) {
    $stem = if ($name -match $ending -and $name -cnotmatch '\.file$') { $name } else { "$name.file" }
}
$drop = Join-Path $Inbox 'drop'
$answer = Join-Path (Join-Path $Inbox 'answers') "$stem.answer.json"

# An answer to an earlier file of this name is not taken for this one's.
if (Test-Path -LiteralPath $answer) { Remove-Item -LiteralPath $answer }

# Under a name that says "not yet"; the last step, the rename, says "complete".
$part = Join-Path $drop "$name.part"
Copy-Item -LiteralPath $File -Destination $part
Move-Item -LiteralPath $part -Destination (Join-Path $drop $name)

$end = (Get-Date).AddSeconds($Seconds)
while (-not (Test-Path -LiteralPath $answer)) {
    if ((Get-Date) -gt $end) {
        [Console]::Error.WriteLine("no answer to $name after $Seconds seconds")
        exit 2
    }
    Start-Sleep -Milliseconds 500
}

$told = Get-Content -LiteralPath $answer -Raw -Encoding UTF8 | ConvertFrom-Json
Write-Output "$($told.outcome): $($told.sentence)"
foreach ($pay in $told.to_pay) {
    Write-Output ('{0}: RM {1:N2} by {2}' -f $pay.acknowledgement, ([decimal]$pay.total_sen / 100), $pay.due_date)
}
foreach ($finding in $told.check.files[0].findings) {
    $place = if ($finding.line) { "line $($finding.line)" } else { 'whole file' }
    Write-Output "${place}: $($finding.message) $($finding.cure)"
}
if ($told.complete) { exit 0 } else { exit 1 }
