location.replace(document.getElementById("go-on").href);
